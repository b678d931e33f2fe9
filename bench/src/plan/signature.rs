//! The type of the function that a case calls, read in its module: some hosts cannot ask for it.

use protocol::{Entry, NumberType, Signature};
use std::path::Path;
use wasmparser::{ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

/// The type of the exported function that `entry` names in the wasm file `module`. `None` for a command,
/// for a file that cannot be read, and for a type with other than numbers.
pub fn signature(module: &Path, entry: &Entry) -> Option<Signature> {
    let Entry::Export { name, .. } = entry else { return None };
    let wasm = std::fs::read(module).ok()?;
    let mut types: Vec<Option<FuncType>> = Vec::new();
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group.ok()?.into_types() {
                        types.push(match ty.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import.ok()?.ty {
                        functions.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => functions.extend(section.into_iter().flatten()),
            Payload::ExportSection(section) => {
                let export = section.into_iter().flatten().find(|export| export.name == name)?;
                if export.kind != ExternalKind::Func {
                    return None;
                }
                let ty = *functions.get(usize::try_from(export.index).ok()?)?;
                return of(types.get(usize::try_from(ty).ok()?)?.as_ref()?);
            }
            _ => {}
        }
    }
    None
}

fn of(ty: &FuncType) -> Option<Signature> {
    let numbers = |types: &[ValType]| types.iter().map(number).collect::<Option<Vec<_>>>();
    Some(Signature { params: numbers(ty.params())?, results: numbers(ty.results())? })
}

fn number(ty: &ValType) -> Option<NumberType> {
    match ty {
        ValType::I32 => Some(NumberType::I32),
        ValType::I64 => Some(NumberType::I64),
        ValType::F32 => Some(NumberType::F32),
        ValType::F64 => Some(NumberType::F64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_an_export_is_read_past_imports() {
        let wasm = wat::parse_str(
            r#"(module (import "a" "b" (func (param f32)))
                (func (export "f") (param i32 f64) (result i64) i64.const 1)
                (func (export "g") (param externref))
                (memory (export "m") 1))"#,
        )
        .unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), wasm).unwrap();
        let of = |name: &str| signature(file.path(), &Entry::Export { name: name.into(), args: vec![] });
        let expected =
            Signature { params: vec![NumberType::I32, NumberType::F64], results: vec![NumberType::I64] };
        assert_eq!(of("f"), Some(expected));
        assert_eq!((of("g"), of("m"), of("h")), (None, None, None));
    }
}
