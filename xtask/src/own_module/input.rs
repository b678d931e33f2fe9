//! Reads the file of --wasm in any of the forms that modules come in, and recognises what is often named
//! instead of a module, with a message that says what to do.

use super::not_wasm;
use anyhow::{Context, Result, bail, ensure};
use std::io::{ErrorKind, Read};
use std::path::Path;
use wasmparser::{BinaryReader, Chunk, Parser, Validator, WasmFeatures};

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// The most bytes that a packed module may unpack to.
const UNPACKED_LIMIT_BYTES: u64 = 1 << 30;

/// A module, and what was done to get it.
#[derive(Debug, Default, PartialEq)]
pub struct ModuleFile {
    /// A whole core module, as far as its sections tell.
    pub wasm: Vec<u8>,
    /// What it was unpacked or assembled from, outermost first: `gzip`, `zstd`, `text`.
    pub forms: Vec<&'static str>,
}

/// Reads `file` and makes sure that it is a whole core module, as far as its sections tell.
///
/// # Errors
/// When it is not; the message names the file, what it is, and what to do.
pub fn read(file: &Path) -> Result<ModuleFile> {
    let bytes = if file.as_os_str() == STDIN { stdin()? } else { content(file)? };
    let shown = shown(file);
    if bytes.is_empty() {
        bail!("{shown} is empty; build it again");
    }
    let input = unpacked(bytes, &shown)?;
    let wasm = &input.wasm;
    if Parser::is_component(wasm) {
        bail!(
            "{shown} is a component, and only core modules are measured; build it for wasm32-wasip1, or take \
             the core module out of it: wasm-tools component unbundle --module-dir FOLDER {shown}"
        );
    }
    if !wasm.starts_with(b"\0asm") {
        bail!("{shown} is {}", not_wasm::describe(file, wasm));
    }
    match defect(wasm) {
        Some(Defect::CutOff { section_at }) => bail!(
            "{shown} is truncated: its {} bytes end within what begins at byte {section_at}; copy it or build \
             it again",
            wasm.len()
        ),
        Some(Defect::Trailing { end }) => bail!(
            "{shown} is a module with {} more bytes after its end, at byte {end}{}; to cut them off: head -c {end} \
             {shown} > whole.wasm",
            wasm.len() - end,
            if wasm[end..].starts_with(b"\0asm") { " (another module begins there)" } else { "" }
        ),
        None => {}
    }
    if let Some(what) = not_wasm::unlinked(wasm) {
        bail!("{shown} is {what}");
    }
    Ok(input)
}

/// The file's name for messages.
pub fn shown(file: &Path) -> String {
    if file.as_os_str() == STDIN {
        return "standard input".to_owned();
    }
    match file.to_str() {
        Some(name) if !name.chars().any(char::is_control) => name.to_owned(),
        // Bytes that are no text, and control characters, are escaped.
        _ => format!("{file:?}"),
    }
}

fn stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("reading standard input")?;
    Ok(bytes)
}

fn content(file: &Path) -> Result<Vec<u8>> {
    let name = shown(file);
    if file.is_dir() {
        bail!("{name} is a folder; name a wasm file that is in it");
    }
    match std::fs::read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no file {name}; name the wasm file that your compiler wrote")
        }
        read => read.with_context(|| format!("reading {name}")),
    }
}

/// What `bytes` hold, unpacked and assembled.
fn unpacked(bytes: Vec<u8>, shown: &str) -> Result<ModuleFile> {
    let mut input = ModuleFile { wasm: bytes, forms: Vec::new() };
    // A form within itself is no module.
    for _ in 0..3 {
        let (form, inner) = if input.wasm.starts_with(&[0x1f, 0x8b]) {
            ("gzip", limited(flate2::read::MultiGzDecoder::new(input.wasm.as_slice()), shown)?)
        } else if input.wasm.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let decoder = ruzstd::decoding::StreamingDecoder::new(input.wasm.as_slice());
            let decoder =
                decoder.map_err(|error| anyhow::anyhow!("{shown} cannot be unpacked by zstd: {error}"))?;
            ("zstd", limited(decoder, shown)?)
        } else if let Some(text) = not_wasm::as_text_format(&input.wasm) {
            // Its message shows the place, on lines of its own.
            let wasm = wat::parse_str(text).map_err(|error| {
                let words = error.to_string();
                let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                anyhow::anyhow!("{shown} is WebAssembly's text format with an error: {}", lines.join(" "))
            })?;
            ("text", wasm)
        } else {
            break;
        };
        input.forms.push(form);
        input.wasm = inner;
    }
    Ok(input)
}

fn limited(from: impl Read, shown: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(UNPACKED_LIMIT_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} is packed and cannot be unpacked; download or copy it again"))?;
    ensure!(
        bytes.len() as u64 <= UNPACKED_LIMIT_BYTES,
        "{shown} unpacks to more than {} MiB, which is no module that can be measured",
        UNPACKED_LIMIT_BYTES >> 20
    );
    Ok(bytes)
}

/// What is wrong with the end of a module.
#[derive(Debug, PartialEq)]
enum Defect {
    /// It ends within the section that begins here.
    CutOff { section_at: usize },
    /// The module ends here, and the file does not.
    Trailing { end: usize },
}

/// What is wrong with the end of `bytes`; `None` where nothing is, or where something else is wrong, which
/// validation tells better.
fn defect(bytes: &[u8]) -> Option<Defect> {
    if let Some(end) = trailing(bytes) {
        return Some(Defect::Trailing { end });
    }
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        match parser.parse(&bytes[at..], false) {
            Ok(Chunk::Parsed { consumed, .. }) => at += consumed,
            Ok(Chunk::NeedMoreData(_)) => {
                // Between two functions of the code section nothing is left over, and yet there is no end.
                let is_cut = at < bytes.len() || parser.parse(&[], true).is_err();
                return is_cut.then_some(Defect::CutOff { section_at: at });
            }
            Err(_) => return None,
        }
    }
}

/// The numbers of sections in the order in which a module has them; custom sections stand anywhere.
const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const CODE: u8 = 10;

/// Where a whole module ends, if `bytes` go on with what cannot be a section of it.
fn trailing(bytes: &[u8]) -> Option<usize> {
    let place = |id: u8| ORDER.iter().position(|known| *known == id);
    let (mut at, mut last, mut has_code) = (8, None, false);
    while let Some(&id) = bytes.get(at) {
        let is_in_order = id == 0 || place(id).is_some_and(|place| last.is_none_or(|last| last < place));
        if !is_in_order || bytes[at..].starts_with(b"\0asm") {
            let is_valid =
                || Validator::new_with_features(WasmFeatures::all()).validate_all(&bytes[..at]).is_ok();
            return (has_code && is_valid()).then_some(at);
        }
        let mut reader = BinaryReader::new(bytes.get(at + 1..)?, 0);
        let size = usize::try_from(reader.read_var_u32().ok()?).ok()?;
        has_code |= id == CODE;
        last = place(id).or(last);
        at += 1 + reader.original_position() + size;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn module() -> Vec<u8> {
        wat::parse_str(r#"(module (func (export "f") (result i32) i32.const 7))"#).unwrap()
    }

    #[test]
    fn every_cut_within_a_section_is_found_and_a_whole_module_has_none() {
        let wasm = module();
        assert_eq!(defect(&wasm), None);
        let is_cut = |end: &usize| matches!(defect(&wasm[..*end]), Some(Defect::CutOff { .. }));
        // What ends with the header or with the types is a module; functions need their code.
        assert_eq!((8..wasm.len()).filter(is_cut).count(), wasm.len() - 8 - 2);
        assert!(is_cut(&5));
    }

    #[test]
    fn bytes_after_the_end_are_told_from_a_cut() {
        let wasm = module();
        let end = wasm.len();
        for more in [&b"\n"[..], b"\x0a", b"garbage after the end", &module(), b"\xff\xff"] {
            let long = [wasm.as_slice(), more].concat();
            assert_eq!(defect(&long), Some(Defect::Trailing { end }), "{more:?}");
        }
        // The start of a custom section.
        let custom = [wasm.as_slice(), b"\0\x10name"].concat();
        assert_eq!(defect(&custom), Some(Defect::CutOff { section_at: end }));
    }

    #[test]
    fn packed_modules_and_text_are_unpacked_and_assembled() {
        let wasm = module();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&wasm).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd =
            ruzstd::encoding::compress_to_vec(gzip.as_slice(), ruzstd::encoding::CompressionLevel::Fastest);
        let of = |bytes: &[u8]| unpacked(bytes.to_vec(), "m").unwrap();
        assert_eq!(of(&gzip), ModuleFile { wasm: wasm.clone(), forms: vec!["gzip"] });
        assert_eq!(of(&zstd), ModuleFile { wasm: wasm.clone(), forms: vec!["zstd", "gzip"] });
        let text = b";; a comment\n(module (func (export \"f\") (result i32) i32.const 7))";
        assert_eq!(of(text), ModuleFile { wasm, forms: vec!["text"] });
        let wrong = unpacked(b"(module (func i32.const))".to_vec(), "m.wat").unwrap_err().to_string();
        assert!(
            wrong.starts_with("m.wat is WebAssembly's text format with an error: ") && !wrong.contains('\n')
        );
        assert!(unpacked(gzip[..20].to_vec(), "m").unwrap_err().to_string().contains("cannot be unpacked"));
    }

    #[test]
    fn a_name_of_bytes_that_are_no_text_is_escaped() {
        use std::os::unix::ffi::OsStrExt;
        let file = Path::new(std::ffi::OsStr::from_bytes(b"\xff.wasm"));
        assert_eq!(shown(file), r#""\xFF.wasm""#);
        assert_eq!(shown(Path::new("a b.wasm")), "a b.wasm");
    }
}
