//! Which of WebAssembly's features a module needs, as far as it decides whether an engine may refuse it.

use std::path::Path;
use wasmparser::{Validator, WasmFeatures};

/// Whether the file `module` is valid in WebAssembly's first release, which every engine takes; not where
/// it cannot be read.
pub fn is_mvp(module: &Path) -> bool {
    let wasm = std::fs::read(module);
    wasm.is_ok_and(|wasm| Validator::new_with_features(WasmFeatures::MVP).validate_all(&wasm).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_with_a_newer_feature_and_what_is_no_module_are_not_of_the_first_release() {
        let folder = tempfile::tempdir().unwrap();
        let is = |wasm: &[u8]| {
            let file = folder.path().join("module.wasm");
            std::fs::write(&file, wasm).unwrap();
            is_mvp(&file)
        };
        let module = |body: &str| wat::parse_str(format!("(module (func (param i32) {body}))")).unwrap();
        assert!(is(&module("(drop (i32.add (local.get 0) (i32.const 1)))")));
        assert!(!is(&module("(drop (i32.extend8_s (local.get 0)))")));
        assert!(!is(b"\0asm"));
        assert!(!is_mvp(&folder.path().join("none")));
    }
}
