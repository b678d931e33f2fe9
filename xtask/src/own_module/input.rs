//! Reads the file of --wasm and recognises what is often named instead of a module, with a message that
//! says what to do.

use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::path::Path;
use wasmparser::{Chunk, Parser};

/// Reads `file` and makes sure that it is a whole core module, as far as its sections tell.
///
/// # Errors
/// When it is not; the message names the file, what it is, and what to do.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    let name = file.display();
    if file.is_dir() {
        bail!("{name} is a folder; name a wasm file that is in it");
    }
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no file {name}; name the wasm file that your compiler wrote")
        }
        read => read.with_context(|| format!("reading {name}"))?,
    };
    if bytes.is_empty() {
        bail!("{name} is empty; build it again");
    }
    if Parser::is_component(&bytes) {
        bail!(
            "{name} is a component, and only core modules are measured; build it for wasm32-wasip1, or take \
             the core module out of it: wasm-tools component unbundle --module-dir FOLDER {name}"
        );
    }
    if !bytes.starts_with(b"\0asm") {
        bail!("{}", not_wasm(file, &bytes));
    }
    if let Some(section_at) = cut_off(&bytes) {
        bail!(
            "{name} is truncated: its {} bytes end within what begins at byte {section_at}; copy it or build \
             it again",
            bytes.len()
        );
    }
    Ok(bytes)
}

/// What a file is that does not begin as every wasm file does.
fn not_wasm(file: &Path, bytes: &[u8]) -> String {
    let name = file.display();
    let text = std::str::from_utf8(bytes).ok();
    let is_wat = file.extension().is_some_and(|ending| ending == "wat" || ending == "wast");
    if is_wat || text.is_some_and(|text| text.trim_start().starts_with("(module")) {
        let binary = file.with_extension("wasm");
        return format!(
            "{name} is WebAssembly's text format, and only binary modules are measured; make one of it: \
             wasm-tools parse {name} -o {}",
            binary.display()
        );
    }
    let kind = if text.is_some() { "a text file" } else { "no wasm file: it does not begin with `\\0asm`" };
    format!("{name} is {kind}; name the module that your compiler wrote, a file that ends in .wasm")
}

/// Where the part begins that the end of `bytes` cuts off; `None` where all are whole, or where
/// something else is wrong, which validation tells better.
fn cut_off(bytes: &[u8]) -> Option<usize> {
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        match parser.parse(&bytes[at..], false) {
            Ok(Chunk::Parsed { consumed, .. }) => at += consumed,
            Ok(Chunk::NeedMoreData(_)) => {
                // Between two functions of the code section nothing is left over, and yet there is no end.
                let is_cut = at < bytes.len() || parser.parse(&[], true).is_err();
                return is_cut.then_some(at);
            }
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_within_a_section_is_found_and_a_whole_module_has_none() {
        let wasm = wat::parse_str(r#"(module (func (export "f") (result i32) i32.const 7))"#).unwrap();
        assert_eq!(cut_off(&wasm), None);
        let cut = (8..wasm.len()).filter(|end| cut_off(&wasm[..*end]).is_some()).count();
        // What ends with the header or with the types is a module; functions need their code.
        assert_eq!(cut, wasm.len() - 8 - 2);
        assert!(cut_off(&wasm[..5]).is_some());
    }
}
