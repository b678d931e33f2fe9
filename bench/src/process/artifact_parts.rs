//! What an artifact is made of, where its format can be read: an ELF file, or a wasm module that carries one in a custom
//! section. The format is told by the bytes, whichever engine wrote them.

use object::{Object, ObjectSection, SectionFlags, elf};
use wasmparser::{Parser, Payload};

/// The bytes of an artifact by what they are; together they are all of its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArtifactParts {
    /// Machine code, or bytecode in its place.
    pub code_bytes: u64,
    /// Data that is loaded: constants, memory images, tables, relocated pointers.
    pub data_bytes: u64,
    /// Maps from code: of traps, of addresses, of frames for unwinding.
    pub maps_bytes: u64,
    /// Names and symbols.
    pub names_bytes: u64,
    /// The rest: headers, relocations, padding, a copy of the module.
    pub other_bytes: u64,
}

/// The parts of an artifact of `total_bytes`, of which `bytes` is a copy with a few more of no meaning at most; `None`
/// where its format is not known.
pub fn artifact_parts(bytes: &[u8], total_bytes: u64) -> Option<ArtifactParts> {
    let mut parts = of_elf(bytes).or_else(|| of_elf(carried_elf(bytes)?))?;
    let known = parts.code_bytes + parts.data_bytes + parts.maps_bytes + parts.names_bytes;
    parts.other_bytes = total_bytes.checked_sub(known)?;
    Some(parts)
}

/// The parts of an ELF file, without the rest.
fn of_elf(bytes: &[u8]) -> Option<ArtifactParts> {
    if !bytes.starts_with(&elf::ELFMAG) {
        return None;
    }
    let file = object::File::parse(bytes).ok()?;
    let mut parts = ArtifactParts::default();
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
        let (name, bytes) = (section.name().ok()?, section.file_range().map_or(0, |(_, bytes)| bytes));
        let is_loaded = sh_flags.0 & elf::SHF_ALLOC.0 != 0;
        match kind(name) {
            Some(Kind::Map) => parts.maps_bytes += bytes,
            Some(Kind::Name) => parts.names_bytes += bytes,
            Some(Kind::Code) => parts.code_bytes += bytes,
            Some(Kind::Other) => {}
            None if is_loaded => parts.data_bytes += bytes,
            None => {}
        }
    }
    Some(parts)
}

enum Kind {
    Code,
    Map,
    Name,
    Other,
}

/// What a section holds by its name, where the name tells; what is left is data if it is loaded.
fn kind(name: &str) -> Option<Kind> {
    let begins = |names: &[&str]| names.iter().any(|one| name.starts_with(one));
    if begins(&[".text", ".plt", ".init", ".fini"]) && !name.ends_with("_array") {
        Some(Kind::Code)
    } else if begins(&[".eh_frame", ".gcc_except_table"])
        || ["trap", "addrmap", "exceptions", "stack_map"].iter().any(|word| name.contains(word))
    {
        Some(Kind::Map)
    } else if begins(&[
        ".symtab",
        ".strtab",
        ".shstrtab",
        ".dynsym",
        ".dynstr",
        ".hash",
        ".gnu.hash",
        ".name",
    ]) {
        Some(Kind::Name)
    } else if begins(&[".rela", ".rel.", ".dynamic", ".gnu.version", ".note"]) || name.ends_with(".info") {
        Some(Kind::Other)
    } else {
        None
    }
}

/// The ELF file in a custom section of the wasm module `bytes`.
fn carried_elf(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(b"\0asm") {
        return None;
    }
    Parser::new(0).parse_all(bytes).map_while(Result::ok).find_map(|payload| match payload {
        Payload::CustomSection(section) if section.data().starts_with(&elf::ELFMAG) => Some(section.data()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, Module};

    /// The ELF file that this test is.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    fn whole(bytes: &[u8]) -> Option<ArtifactParts> {
        artifact_parts(bytes, bytes.len() as u64)
    }

    fn sum(parts: ArtifactParts) -> u64 {
        let ArtifactParts { code_bytes, data_bytes, maps_bytes, names_bytes, other_bytes } = parts;
        code_bytes + data_bytes + maps_bytes + names_bytes + other_bytes
    }

    #[test]
    fn the_parts_of_an_elf_file_are_all_of_its_bytes() {
        let own = own();
        let parts = whole(&own).unwrap();
        assert_eq!(sum(parts), own.len() as u64);
        assert!(parts.code_bytes > 100_000 && parts.data_bytes > 10_000, "{parts:?}");
        assert!(parts.maps_bytes > 10_000 && parts.names_bytes > 10_000, "{parts:?}");
    }

    #[test]
    fn a_module_that_carries_an_elf_file_has_its_parts_and_the_module_is_the_rest() {
        let own = own();
        let mut module = Module::new();
        module.section(&CustomSection { name: "object".into(), data: own.as_slice().into() });
        let module = module.finish();
        let (carried, alone) = (whole(&module).unwrap(), whole(&own).unwrap());
        assert_eq!((carried.code_bytes, carried.maps_bytes), (alone.code_bytes, alone.maps_bytes));
        assert_eq!(sum(carried), module.len() as u64);
    }

    #[test]
    fn an_unknown_or_damaged_format_has_no_parts() {
        assert_eq!(whole(b"TWAS04 and more"), None);
        assert_eq!(whole(b"\0asm\x01\0\0\0"), None);
        assert_eq!(whole(&own()[..200]), None);
        assert_eq!(whole(b""), None);
    }

    #[test]
    fn sections_are_told_by_their_names() {
        let is = |name: &str| match kind(name) {
            Some(Kind::Code) => "code",
            Some(Kind::Map) => "map",
            Some(Kind::Name) => "name",
            Some(Kind::Other) => "other",
            None => "by its flags",
        };
        assert_eq!([".text", ".plt.got", ".init"].map(is), ["code"; 3]);
        assert_eq!([".engine.traps", ".engine.addrmap", ".eh_frame_hdr"].map(is), ["map"; 3]);
        assert_eq!([".symtab", ".dynstr", ".gnu.hash"].map(is), ["name"; 3]);
        assert_eq!([".init_array", ".rodata", ".data.rel.ro", ".rodata.own"].map(is), ["by its flags"; 4]);
        assert_eq!([".rela.dyn", ".dynamic", ".engine.info"].map(is), ["other"; 3]);
    }
}
