//! What a file is that is named as a module and is none, with the way on.

use std::path::Path;
use wasmparser::{Parser, Payload};

/// What files begin with, what they are, and what to do.
const KNOWN: [(&[u8], &str); 13] = [
    (
        b"!<arch>\n",
        "an archive of object files, such as a static library; link it into a module (wasm-ld, or crate-type cdylib) \
         and name that",
    ),
    (b"PK\x03\x04", "a zip archive; unpack it and name the wasm file that is in it"),
    (
        b"\x7fELF",
        "native code (ELF): a program, a library, or what a runtime has compiled; name the wasm file that it was made from",
    ),
    (b"\xcf\xfa\xed\xfe", "native code (Mach-O); name the wasm file that it was made from"),
    (b"MZ", "native code for Windows; name the wasm file that it was made from"),
    (b"BC\xc0\xde", "LLVM bitcode; compile and link it to a module: clang --target=wasm32-wasi"),
    (b"BZh", "packed by bzip2; unpack it first: bunzip2"),
    (b"\xfd7zXZ\0", "packed by xz; unpack it first: unxz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and name the wasm file that is in it"),
    (b"version https://git-lfs", "a pointer of Git LFS; fetch the file itself: git lfs pull"),
    (b"#!", "a script; name the wasm file that it runs"),
    (b"{", "JSON; name the module that your compiler wrote, a file that ends in .wasm"),
    (b"/*", "source text; name the module that your compiler wrote, a file that ends in .wasm"),
];

/// What of its first bytes are looked at for text.
const LOOKED_AT: usize = 4096;

/// What `bytes` are, which do not begin as every wasm file does, and what to do.
pub fn describe(file: &Path, bytes: &[u8]) -> String {
    if let Some((_, what)) = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        return (*what).to_owned();
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return "a tar archive; unpack it and name the wasm file that is in it".to_owned();
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]).to_lowercase();
    let start = start.trim_start();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return "an HTML page, perhaps of a failed download; open it to see why, and download the module again"
            .to_owned();
    }
    let is_wast = file.extension().is_some_and(|ending| ending == "wast") || start.contains("(assert_return");
    if is_wast {
        return "a script of WebAssembly tests; name one module: wasm-tools json-from-wast takes them apart"
            .to_owned();
    }
    let is_text = std::str::from_utf8(bytes).is_ok();
    let made_by_a_runtime =
        bytes.windows(4).take(LOOKED_AT).any(|four| four == b"\0asm" || four == b"\x7fELF");
    match (is_text, made_by_a_runtime) {
        (true, _) => "a text file; name the module that your compiler wrote, a file that ends in .wasm".to_owned(),
        (_, true) => "no wasm file, but holds one or native code: perhaps what a runtime has saved; name the wasm file \
                      that it was made from"
            .to_owned(),
        _ => "no wasm file: it does not begin with `\\0asm`; name the module that your compiler wrote, a file that \
              ends in .wasm"
            .to_owned(),
    }
}

/// The text of `bytes`, if they look like WebAssembly's text format.
pub fn as_text_format(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // Comments may come first.
    loop {
        if rest.starts_with(";;") {
            rest = rest.split_once('\n')?.1.trim_start();
        } else if rest.starts_with("(;") {
            rest = rest.split_once(";)")?.1.trim_start();
        } else {
            break;
        }
    }
    let is_module = ["(module", "(component"].iter().any(|start| rest.starts_with(start));
    // Scripts hold modules and what is asserted of them.
    (is_module && !text.contains("(assert_")).then_some(text)
}

/// What a module is that must be linked before it can be run: an object file or a part of a program.
pub fn unlinked(wasm: &[u8]) -> Option<&'static str> {
    let (mut has_linking, mut imports_memory) = (false, false);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::CustomSection(section)) => has_linking |= section.name() == "linking",
            Ok(Payload::ImportSection(section)) => {
                imports_memory |=
                    section.into_imports().flatten().any(|import| import.name == "__linear_memory");
            }
            _ => {}
        }
    }
    // A linked module may keep the section, too.
    (has_linking && imports_memory).then_some(
        "an object file, which is not linked; link it into a module (wasm-ld, or your compiler without -c) and name that",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_often_named_instead_of_a_module_is_recognised() {
        let of = |bytes: &[u8]| describe(Path::new("x"), bytes);
        assert!(of(b"!<arch>\nx.o/").starts_with("an archive of object files"));
        assert!(of(b"\n<!DOCTYPE html><html>").contains("failed download"));
        assert!(of(b"\x7fELF\x02").starts_with("native code (ELF)"));
        assert!(of(b"just words").starts_with("a text file; name the module"));
        assert!(of(b"\xffSAVED\0\0\0asm\x01").contains("what a runtime has saved"));
        assert!(of(b"\xff\xfe\xfd").contains("does not begin with `\\0asm`"));
    }

    #[test]
    fn text_is_recognised_behind_comments_and_scripts_are_not_modules() {
        assert!(as_text_format(b"\n;; one\n(; two ;) (module)").is_some());
        assert!(as_text_format(b"(module) (assert_return (invoke \"f\"))").is_none());
        assert!(as_text_format(b"\0asm").is_none() && as_text_format(b"(modest)").is_none());
    }

    #[test]
    fn an_object_file_is_not_linked() {
        let wasm = wat::parse_str(
            r#"(module (import "env" "__linear_memory" (memory 0)) (@custom "linking" "\02"))"#,
        )
        .unwrap();
        assert!(unlinked(&wasm).is_some_and(|what| what.starts_with("an object file")));
        assert_eq!(unlinked(b"\0asm\x01\0\0\0"), None);
    }
}
