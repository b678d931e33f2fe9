//! What a module offers and asks for: its functions with their signatures, its imports, and
//! which of these no engine provides; its memory, and what it does by itself.

use anyhow::{Context, Result};
use protocol::{NumberType, Signature};
use std::collections::BTreeMap;
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{FuncType, MemoryType, Parser, Payload, ValType, Validator, WasmFeatures};

/// The functions of WASI preview 1.
const PREVIEW_1: [&str; 46] = [
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
];

/// What is known of a valid module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its exported functions, in order of their export.
    pub functions: Vec<(String, FunctionType)>,
    /// What else it exports, with what that is: `memory`, `table`, `global`, `tag`.
    pub others: BTreeMap<String, &'static str>,
    /// The WASI functions that it imports, of preview 1 or of what came before it.
    pub wasi_functions: Vec<String>,
    /// Whether some of them are of `wasi_unstable`, which few engines provide.
    pub imports_unstable: bool,
    /// Imports of preview 1 that it does not have, with their types.
    pub unknown_wasi: Vec<String>,
    /// What it imports besides, by module: how many.
    pub imports: BTreeMap<String, usize>,
    /// Its memories, as a person would describe them.
    pub memories: Vec<String>,
    /// Whether it has a start section.
    pub has_start: bool,
    /// Whether relaxed SIMD, whose results may differ, is among its instructions.
    pub has_relaxed_simd: bool,
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
    pub fn of(file: &str, wasm: &[u8]) -> Result<Module> {
        let is_valid = |features| Validator::new_with_features(features).validate_all(wasm).is_ok();
        let types = Validator::new_with_features(WasmFeatures::all())
            .validate_all(wasm)
            .with_context(|| format!("{file} is not a valid module; build it again"))?;
        let types = types.as_ref();
        let mut module = Module {
            code_section_bytes: code_section_bytes(wasm),
            has_start: starts_by_itself(wasm),
            has_relaxed_simd: !is_valid(WasmFeatures::all().difference(WasmFeatures::RELAXED_SIMD)),
            memories: (0..types.memory_count()).map(|index| memory(&types.memory_at(index))).collect(),
            ..Module::default()
        };
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

    /// Whether it imports WASI functions.
    pub fn imports_wasi(&self) -> bool {
        !self.wasi_functions.is_empty()
    }

    /// The imports that no engine provides, with their types.
    pub fn not_provided(&self) -> Vec<String> {
        self.unmet.iter().chain(&self.unknown_wasi).cloned().collect()
    }

    /// Whether an engine may provide the import `from.name` of this module.
    pub fn is_provided(&self, from: &str, name: &str) -> bool {
        let is_it = |one: &String| {
            let rest = one.strip_prefix(from).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
            rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(') || rest.starts_with(" (a "))
        };
        !self.unmet.iter().chain(&self.unknown_wasi).any(is_it)
    }

    /// Whether it has to be initialised before other exports are called.
    pub fn is_reactor(&self) -> bool {
        let takes_and_gives_nothing = |ty: &FunctionType| ty.params.is_empty() && ty.results.is_empty();
        self.function(protocol::INITIALIZE).is_some_and(takes_and_gives_nothing)
    }

    /// Whether it exports the memory that WASI functions read and write.
    pub fn exports_memory(&self) -> bool {
        self.others.get("memory").is_some_and(|kind| *kind == "memory")
    }

    fn import(&mut self, from: &str, name: &str, signature: Option<FunctionType>, kind: &str) {
        let takes_and_gives_nothing =
            signature.as_ref().is_some_and(|one| one.params.is_empty() && one.results.is_empty());
        let is_mark =
            from == protocol::marks::MODULE && [protocol::marks::START, protocol::marks::END].contains(&name);
        *self.imports.entry(from.to_owned()).or_default() += 1;
        match (from, signature) {
            (protocol::WASI_PREVIEW_1, Some(signature)) => {
                self.wasi_functions.push(name.to_owned());
                if !PREVIEW_1.contains(&name) {
                    self.unknown_wasi.push(format!("{from}.{name}{signature}"));
                }
            }
            (protocol::WASI_UNSTABLE, Some(_)) => {
                self.wasi_functions.push(name.to_owned());
                self.imports_unstable = true;
            }
            _ if is_mark && takes_and_gives_nothing => self.marks.push(format!("{from}.{name}")),
            (_, Some(signature)) => self.unmet.push(format!("{from}.{name}{signature}")),
            (_, None) => self.unmet.push(format!("{from}.{name} (a {kind})")),
        }
    }
}

impl FunctionType {
    /// The same as workers have it; `None` where something is no number.
    pub fn of_numbers(&self) -> Option<Signature> {
        let number = |ty: &ValType| match ty {
            ValType::I32 => Some(NumberType::I32),
            ValType::I64 => Some(NumberType::I64),
            ValType::F32 => Some(NumberType::F32),
            ValType::F64 => Some(NumberType::F64),
            _ => None,
        };
        let numbers = |types: &[ValType]| types.iter().map(number).collect::<Option<Vec<_>>>();
        Some(Signature { params: numbers(&self.params)?, results: numbers(&self.results)? })
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

fn memory(ty: &MemoryType) -> String {
    let unit = match (ty.page_size_log2, ty.initial) {
        (Some(_), _) => "units",
        (None, 1) => "page",
        (None, _) => "pages",
    };
    let most = ty.maximum.map_or("no limit".to_owned(), |most| format!("at most {most}"));
    let width = if ty.memory64 { ", 64-bit" } else { "" };
    let shared = if ty.shared { ", shared" } else { "" };
    format!("{} {unit}, {most}{width}{shared}", ty.initial)
}

fn starts_by_itself(wasm: &[u8]) -> bool {
    Parser::new(0).parse_all(wasm).any(|payload| matches!(payload, Ok(Payload::StartSection { .. })))
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
        Module::of("m.wasm", &wat::parse_str(text).unwrap()).unwrap()
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
    fn what_preview_1_does_not_have_and_what_came_before_it_are_known() {
        let module = module(
            r#"(module (import "wasi_snapshot_preview1" "fd_frobnicate" (func (param i32) (result i32)))
                (import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
                (func (export "_initialize")) (memory 1) (start 2))"#,
        );
        assert_eq!(module.unknown_wasi, ["wasi_snapshot_preview1.fd_frobnicate(i32) -> i32"]);
        assert!(module.imports_unstable && module.is_reactor() && module.has_start);
        assert!(!module.exports_memory() && !module.has_relaxed_simd);
        assert_eq!(module.memories, ["1 page, no limit"]);
    }

    #[test]
    fn imports_are_told_apart_by_who_provides_them() {
        let module = module(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                (import "bench" "start" (func)) (import "bench" "end" (func (param i32)))
                (import "env" "print" (func (param i32) (result i32))) (import "env" "memory" (memory 1)))"#,
        );
        assert_eq!(module.wasi_functions, ["proc_exit"]);
        assert_eq!(module.marks, ["bench.start"]);
        assert_eq!(module.unmet, ["bench.end(i32)", "env.print(i32) -> i32", "env.memory (a memory)"]);
    }
}
