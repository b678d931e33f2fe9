//! The `stripped` variant: the module without any custom section, through walrus.
//!
//! walrus decodes and encodes the whole module, so the stripped code section is not the
//! unstripped one byte for byte: each function keeps its instructions and locals, but functions
//! change their order (large ones first) and numbers that the linker padded become short.

use anyhow::{Result, anyhow, ensure};
use walrus::ModuleConfig;

/// Removes every custom section: names, producers, debug information, target features.
///
/// # Errors
/// When walrus cannot decode the module, or leaves a custom section in it.
pub fn strip(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false).generate_dwarf(false);
    let mut module =
        config.parse(wasm).map_err(|error| anyhow!("walrus cannot read the module: {error:#}"))?;
    let customs: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for id in customs {
        module.customs.delete(id);
    }
    let stripped = module.emit_wasm();
    let left = crate::samples::inspect::survey::Survey::of(&stripped)?.custom_section_bytes;
    ensure!(left == 0, "walrus left {left} bytes of custom sections in the module");
    Ok(stripped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload};

    fn sections(wasm: &[u8]) -> (Vec<String>, usize) {
        let mut customs = Vec::new();
        let mut others = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::CustomSection(section) => customs.push(section.name().to_owned()),
                _ => others += 1,
            }
        }
        (customs, others)
    }

    #[test]
    fn no_custom_section_is_left_and_everything_else_is() {
        let text = r#"(module $named
            (func $f (export "run") (param $x i32) (result i64) i64.const 7)
            (@producers (language "Rust" "1"))
            (@custom "target_features" "\00")
            (@custom ".debug_info" "dwarf"))"#;
        let wasm = wat::parse_str(text).unwrap();
        let (customs, others) = sections(&wasm);
        assert_eq!(customs.len(), 4, "{customs:?}");
        assert_eq!(sections(&strip(&wasm).unwrap()), (Vec::new(), others));
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(strip(b"rubbish").is_err());
    }
}
