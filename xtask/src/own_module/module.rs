//! What a module offers and asks for: its functions with their signatures, its imports, and
//! which of these no engine provides.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{FuncType, Parser, Payload, ValType, Validator, WasmFeatures};

/// The module name of the WASI functions that engines provide.
const WASI: &str = "wasi_snapshot_preview1";

/// What is known of a valid module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its exported functions, in order of their export.
    pub functions: Vec<(String, FunctionType)>,
    /// What else it exports, with what that is: `memory`, `table`, `global`, `tag`.
    pub others: BTreeMap<String, &'static str>,
    /// Whether it imports WASI functions.
    pub imports_wasi: bool,
    /// Which of `bench.start` and `bench.end` it imports.
    pub marks: Vec<String>,
    /// The imports that no engine provides, as `module.name` and what they are.
    pub unmet: Vec<String>,
    /// The bytes of its code section's content.
    pub code_section_bytes: u64,
}

/// A function's parameters and results.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionType {
    /// The parameters' types.
    pub params: Vec<ValType>,
    /// The results' types.
    pub results: Vec<ValType>,
}

impl Module {
    /// Looks into `wasm`, the content of `file`.
    ///
    /// # Errors
    /// When it is not valid, whatever features are allowed.
    pub fn of(file: &Path, wasm: &[u8]) -> Result<Module> {
        let types = Validator::new_with_features(WasmFeatures::all())
            .validate_all(wasm)
            .with_context(|| format!("{} is not a valid module; build it again", file.display()))?;
        let types = types.as_ref();
        let mut module = Module { code_section_bytes: code_section_bytes(wasm), ..Module::default() };
        for (name, entity) in types.core_exports().into_iter().flatten() {
            match signature(types, entity) {
                Some(signature) => module.functions.push((name.to_owned(), signature)),
                None => {
                    module.others.insert(name.to_owned(), kind(entity));
                }
            }
        }
        for (from, name, entity) in types.core_imports().into_iter().flatten() {
            module.import(from, name, signature(types, entity), kind(entity));
        }
        Ok(module)
    }

    /// The signature of the exported function `name`.
    pub fn function(&self, name: &str) -> Option<&FunctionType> {
        self.functions.iter().find(|(known, _)| known == name).map(|(_, signature)| signature)
    }

    fn import(&mut self, from: &str, name: &str, signature: Option<FunctionType>, kind: &str) {
        let takes_and_gives_nothing =
            signature.as_ref().is_some_and(|one| one.params.is_empty() && one.results.is_empty());
        let is_mark =
            from == protocol::marks::MODULE && [protocol::marks::START, protocol::marks::END].contains(&name);
        match (from, signature) {
            (WASI, Some(_)) => self.imports_wasi = true,
            _ if is_mark && takes_and_gives_nothing => self.marks.push(format!("{from}.{name}")),
            (_, Some(signature)) => self.unmet.push(format!("{from}.{name}{signature}")),
            (_, None) => self.unmet.push(format!("{from}.{name} (a {kind})")),
        }
    }
}

impl std::fmt::Display for FunctionType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "({})", list(&self.params))?;
        match self.results.as_slice() {
            [] => Ok(()),
            [one] => write!(f, " -> {one}"),
            many => write!(f, " -> ({})", list(many)),
        }
    }
}

impl From<&FuncType> for FunctionType {
    fn from(ty: &FuncType) -> FunctionType {
        FunctionType { params: ty.params().to_vec(), results: ty.results().to_vec() }
    }
}

fn signature(types: TypesRef<'_>, entity: EntityType) -> Option<FunctionType> {
    match entity {
        EntityType::Func(id) | EntityType::FuncExact(id) => Some(types[id].unwrap_func().into()),
        _ => None,
    }
}

fn kind(entity: EntityType) -> &'static str {
    match entity {
        EntityType::Func(_) | EntityType::FuncExact(_) => "function",
        EntityType::Table(_) => "table",
        EntityType::Memory(_) => "memory",
        EntityType::Global(_) => "global",
        EntityType::Tag(_) => "tag",
    }
}

fn code_section_bytes(wasm: &[u8]) -> u64 {
    let of_payload = |payload| match payload {
        Ok(Payload::CodeSectionStart { range, .. }) => Some(range.len() as u64),
        _ => None,
    };
    Parser::new(0).parse_all(wasm).find_map(of_payload).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        Module::of(Path::new("m.wasm"), &wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn functions_have_their_signatures_and_other_exports_their_kind() {
        let module = module(
            r#"(module (memory (export "memory") 1) (func (export "f") (param i32 f64) (result i64) unreachable)
                (func (export "g")) (func (export "h") (result i32 f32) unreachable))"#,
        );
        let shown: Vec<String> = module.functions.iter().map(|(name, one)| format!("{name}{one}")).collect();
        assert_eq!(shown, ["f(i32, f64) -> i64", "g()", "h() -> (i32, f32)"]);
        assert_eq!(module.others["memory"], "memory");
        assert_eq!(module.code_section_bytes, 1 + 4 + 3 + 4);
    }

    #[test]
    fn imports_are_told_apart_by_who_provides_them() {
        let module = module(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                (import "bench" "start" (func)) (import "bench" "end" (func (param i32)))
                (import "env" "print" (func (param i32) (result i32))) (import "env" "memory" (memory 1)))"#,
        );
        assert!(module.imports_wasi);
        assert_eq!(module.marks, ["bench.start"]);
        assert_eq!(module.unmet, ["bench.end(i32)", "env.print(i32) -> i32", "env.memory (a memory)"]);
    }
}
