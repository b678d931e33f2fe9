//! The sections of a module, and the module without some of its custom sections: every other byte stays as it
//! was, so that both hold the same code.

use anyhow::{Context, Result};
use std::ops::Range;
use wasmparser::{Parser, Payload};

/// The bytes of a module before its first section.
const HEADER_BYTES: usize = 8;

/// A section of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, such as `code`; of a custom section, its own.
    pub name: String,
    /// Whether it is a custom section, which no engine needs to run the module.
    pub is_custom: bool,
    /// Where it stands, its identifier and its length included.
    pub range: Range<usize>,
}

/// The sections of `wasm`, in their order.
///
/// # Errors
/// When it is no well-formed module.
pub fn of(wasm: &[u8]) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    let mut end = HEADER_BYTES;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("reading the module's sections")?;
        let Some((id, content)) = payload.as_section() else { continue };
        let (name, is_custom) = match &payload {
            Payload::CustomSection(section) => (section.name().to_owned(), true),
            _ => (standard_name(id), false),
        };
        sections.push(Section { name, is_custom, range: end..content.end });
        end = content.end;
    }
    Ok(sections)
}

/// `wasm` without those of its `sections` that are custom and of which `goes` says so.
pub fn without(wasm: &[u8], sections: &[Section], goes: impl Fn(&str) -> bool) -> Vec<u8> {
    let stays = |section: &&Section| !section.is_custom || !goes(&section.name);
    let kept = sections.iter().filter(stays).map(|section| section.range.clone());
    let header = 0..HEADER_BYTES.min(wasm.len());
    [header].into_iter().chain(kept).filter_map(|range| wasm.get(range)).flatten().copied().collect()
}

/// The specification's name of a section that is not custom.
fn standard_name(id: u8) -> String {
    let names = [
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    names.get(usize::from(id)).map_or_else(|| format!("section {id}"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"(module $named
        (@custom "first" (before first) "1")
        (func $f (export "run") (param $x i32) (result i64) i64.const 7)
        (@producers (language "Rust" "1"))
        (@custom ".debug_info" "dwarf"))"#;

    fn names(wasm: &[u8]) -> Vec<String> {
        of(wasm).unwrap().into_iter().map(|section| section.name).collect()
    }

    #[test]
    fn sections_cover_the_module_without_a_gap() {
        let wasm = wat::parse_str(TEXT).unwrap();
        let sections = of(&wasm).unwrap();
        let mut end = HEADER_BYTES;
        for section in &sections {
            assert_eq!(section.range.start, end, "{section:?}");
            end = section.range.end;
        }
        assert_eq!(end, wasm.len());
        assert_eq!(sections.iter().filter(|one| one.is_custom).count(), 4);
    }

    #[test]
    fn what_is_left_is_byte_for_byte_what_it_was() {
        let wasm = wat::parse_str(TEXT).unwrap();
        let sections = of(&wasm).unwrap();
        assert_eq!(without(&wasm, &sections, |_| false), wasm);
        let stripped = without(&wasm, &sections, |_| true);
        assert_eq!(names(&stripped), ["type", "function", "export", "code"]);
        let code = |wasm: &[u8]| {
            let found = of(wasm).unwrap().into_iter().find(|one| one.name == "code").unwrap();
            wasm[found.range].to_vec()
        };
        assert_eq!(code(&stripped), code(&wasm));
        let some = without(&wasm, &sections, |name| name.starts_with(".debug"));
        assert_eq!(of(&some).unwrap().iter().filter(|one| one.is_custom).count(), 3);
    }
}
