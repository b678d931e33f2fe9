//! Stands in for imports that no engine provides: a copy of the module in which each is a definition of its
//! declared type. Functions trap when they are called or return zero; memories, tables and globals are made
//! as small as they may be. All else stays: the definitions come first, so that other functions keep their
//! numbers where every import is replaced, and their code is copied byte by byte.

mod writing;

use anyhow::{Context, Result, bail};
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, Function, FunctionSection, GlobalSection, Instruction, MemorySection, Module,
    SectionId, TableSection, TagSection,
};
use wasmparser::{CompositeInnerType, FuncType, Import, Parser, Payload, TypeRef, ValType};

/// What a function does that stands in for an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stubs {
    /// It traps.
    #[default]
    Trap,
    /// It returns zero, or nothing.
    Zero,
}

/// `wasm` with a stub for each import that is not `provided`, by module and name.
///
/// # Errors
/// When an import has a type of which no value can be made, or the module cannot be written again.
pub fn satisfy(wasm: &[u8], stubs: Stubs, provided: impl Fn(&str, &str) -> bool) -> Result<Vec<u8>> {
    let mut writer = Writer { stubs, ..Writer::default() };
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        writer.present.extend(section_of(&payload));
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                        CompositeInnerType::Func(ty) => Some(ty),
                        _ => None,
                    }));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let Import { module, name, ty } = import?;
                    let function = match ty {
                        TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                            types.get(usize::try_from(index)?).cloned().flatten()
                        }
                        _ => None,
                    };
                    let stays = provided(module, name);
                    writer.note(ty, function, stays).with_context(|| format!("{module}.{name}"))?;
                }
            }
            _ => {}
        }
    }
    writer.settle_numbers();
    let mut module = Module::new();
    writer
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("the imports cannot be replaced: {error}"))?;
    Ok(module.finish())
}

/// The section of [`OWN_SECTIONS`] that begins here.
fn section_of(payload: &Payload<'_>) -> Option<SectionId> {
    match payload {
        Payload::FunctionSection(_) => Some(SectionId::Function),
        Payload::TableSection(_) => Some(SectionId::Table),
        Payload::MemorySection(_) => Some(SectionId::Memory),
        Payload::TagSection(_) => Some(SectionId::Tag),
        Payload::GlobalSection(_) => Some(SectionId::Global),
        Payload::CodeSectionStart { .. } => Some(SectionId::Code),
        _ => None,
    }
}

/// Refuses a type that has no zero: a reference that is never null.
fn has_zero(ty: ValType) -> Result<()> {
    match ty {
        ValType::Ref(ty) if !ty.is_nullable() => bail!("a {ty} is never null, and cannot be made"),
        _ => Ok(()),
    }
}

type Written<T> = std::result::Result<T, Error<Infallible>>;

/// The kinds of things that have numbers of their own.
#[derive(Default)]
struct Numbers {
    /// Of each import, whether it stays.
    stays: Vec<bool>,
    /// The new number of each import.
    new: Vec<u32>,
}

impl Numbers {
    /// Imports that stay come first, and then what stands in for the others.
    fn settle(&mut self) {
        let count = |stays: bool| self.stays.iter().filter(|one| **one == stays).count();
        let (mut kept, mut stub) = (0, u32::try_from(count(true)).unwrap_or(u32::MAX));
        self.new = self
            .stays
            .iter()
            .map(|stays| {
                let next = if *stays { &mut kept } else { &mut stub };
                *next += 1;
                *next - 1
            })
            .collect();
    }

    fn of(&self, old: u32) -> u32 {
        usize::try_from(old).ok().and_then(|old| self.new.get(old)).copied().unwrap_or(old)
    }

    fn is_stub(&self, old: u32) -> bool {
        usize::try_from(old).ok().and_then(|old| self.stays.get(old)).is_some_and(|stays| !stays)
    }

    fn are_kept(&self) -> bool {
        self.new.iter().zip(0..).all(|(new, old)| *new == old)
    }
}

/// Writes a module again.
#[derive(Default)]
struct Writer {
    stubs: Stubs,
    /// For each import in order, whether it stays.
    stays: Vec<bool>,
    /// The imports that were written or left out so far.
    seen: usize,
    functions: Numbers,
    tables: Numbers,
    memories: Numbers,
    globals: Numbers,
    tags: Numbers,
    /// What stands in for imports, by kind: for a function the number of its type, and the type.
    bodies: Vec<(u32, FuncType)>,
    new_tables: Vec<wasmparser::TableType>,
    new_memories: Vec<wasmparser::MemoryType>,
    new_globals: Vec<wasmparser::GlobalType>,
    new_tags: Vec<wasmparser::TagType>,
    /// The types of all imported globals.
    global_types: Vec<ValType>,
    /// The sections of definitions that the module has.
    present: Vec<SectionId>,
    /// How many of [`OWN_SECTIONS`] are over.
    over: usize,
}

/// The sections that hold definitions, in their order.
const OWN_SECTIONS: [SectionId; 6] = [
    SectionId::Function,
    SectionId::Table,
    SectionId::Memory,
    SectionId::Tag,
    SectionId::Global,
    SectionId::Code,
];

impl Writer {
    /// Notes an import of type `ty`, which stays or is replaced.
    fn note(&mut self, ty: TypeRef, function: Option<FuncType>, stays: bool) -> Result<()> {
        self.stays.push(stays);
        match (ty, function) {
            (TypeRef::Func(index) | TypeRef::FuncExact(index), Some(function)) => {
                self.functions.stays.push(stays);
                if !stays {
                    self.bodies.push((index, function));
                }
            }
            (TypeRef::Table(ty), _) => {
                self.tables.stays.push(stays);
                if !stays {
                    if !ty.element_type.is_nullable() {
                        bail!("a table of references that are never null cannot be made");
                    }
                    self.new_tables.push(ty);
                }
            }
            (TypeRef::Memory(ty), _) => {
                self.memories.stays.push(stays);
                self.new_memories.extend((!stays).then_some(ty));
            }
            (TypeRef::Global(ty), _) => {
                self.globals.stays.push(stays);
                self.global_types.push(ty.content_type);
                if !stays {
                    has_zero(ty.content_type)?;
                    self.new_globals.push(ty);
                }
            }
            (TypeRef::Tag(ty), _) => {
                self.tags.stays.push(stays);
                self.new_tags.extend((!stays).then_some(ty));
            }
            (other, _) => bail!("an import of type {other:?} cannot be made"),
        }
        Ok(())
    }

    fn settle_numbers(&mut self) {
        let kinds =
            [&mut self.functions, &mut self.tables, &mut self.memories, &mut self.globals, &mut self.tags];
        kinds.into_iter().for_each(Numbers::settle);
    }

    /// Whether everything keeps its number, so that code need not be written again.
    fn keeps_numbers(&self) -> bool {
        [&self.functions, &self.tables, &self.memories, &self.globals, &self.tags]
            .into_iter()
            .all(Numbers::are_kept)
    }

    fn zero(&mut self, ty: ValType) -> Written<ConstExpr> {
        Ok(match ty {
            ValType::I32 => ConstExpr::i32_const(0),
            ValType::I64 => ConstExpr::i64_const(0),
            ValType::F32 => ConstExpr::f32_const(0.0.into()),
            ValType::F64 => ConstExpr::f64_const(0.0.into()),
            ValType::V128 => ConstExpr::v128_const(0),
            ValType::Ref(ty) => ConstExpr::ref_null(self.heap_type(ty.heap_type())?),
        })
    }

    fn body(&mut self, ty: &FuncType) -> Written<Function> {
        let mut body = Function::new([]);
        if self.stubs == Stubs::Trap || ty.results().iter().any(|ty| has_zero(*ty).is_err()) {
            body.instruction(&Instruction::Unreachable);
        } else {
            for ty in ty.results() {
                body.instruction(&match ty {
                    ValType::I32 => Instruction::I32Const(0),
                    ValType::I64 => Instruction::I64Const(0),
                    ValType::F32 => Instruction::F32Const(0.0.into()),
                    ValType::F64 => Instruction::F64Const(0.0.into()),
                    ValType::V128 => Instruction::V128Const(0),
                    ValType::Ref(ty) => Instruction::RefNull(self.heap_type(ty.heap_type())?),
                });
            }
        }
        body.instruction(&Instruction::End);
        Ok(body)
    }

    fn add_functions(&mut self, section: &mut FunctionSection) -> Written<()> {
        for (ty, _) in self.bodies.clone() {
            section.function(self.type_index(ty)?);
        }
        Ok(())
    }

    fn add_tables(&mut self, section: &mut TableSection) -> Written<()> {
        for ty in self.new_tables.clone() {
            section.table(self.table_type(ty)?);
        }
        Ok(())
    }

    fn add_memories(&mut self, section: &mut MemorySection) -> Written<()> {
        for ty in self.new_memories.clone() {
            section.memory(self.memory_type(ty)?);
        }
        Ok(())
    }

    fn add_tags(&mut self, section: &mut TagSection) -> Written<()> {
        for ty in self.new_tags.clone() {
            section.tag(self.tag_type(ty)?);
        }
        Ok(())
    }

    fn add_globals(&mut self, section: &mut GlobalSection) -> Written<()> {
        for ty in self.new_globals.clone() {
            let zero = self.zero(ty.content_type)?;
            section.global(self.global_type(ty)?, &zero);
        }
        Ok(())
    }

    fn add_bodies(&mut self, section: &mut CodeSection) -> Written<()> {
        for (_, ty) in self.bodies.clone() {
            section.function(&self.body(&ty)?);
        }
        Ok(())
    }

    /// Writes a section of stubs alone, where the module has none of its kind.
    fn section_of_stubs(&mut self, module: &mut Module, section: SectionId) -> Written<()> {
        macro_rules! write {
            ($stubs:expr, $section:ident, $add:ident) => {
                if !$stubs.is_empty() {
                    let mut section = $section::new();
                    self.$add(&mut section)?;
                    module.section(&section);
                }
            };
        }
        match section {
            SectionId::Function => write!(self.bodies, FunctionSection, add_functions),
            SectionId::Table => write!(self.new_tables, TableSection, add_tables),
            SectionId::Memory => write!(self.new_memories, MemorySection, add_memories),
            SectionId::Tag => write!(self.new_tags, TagSection, add_tags),
            SectionId::Global => write!(self.new_globals, GlobalSection, add_globals),
            SectionId::Code => write!(self.bodies, CodeSection, add_bodies),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Validator, WasmFeatures};

    /// Everything but WASI is replaced.
    fn satisfied(text: &str, stubs: Stubs) -> Vec<u8> {
        let provided = |module: &str, _: &str| module == protocol::WASI_PREVIEW_1;
        let wasm = satisfy(&wat::parse_str(text).unwrap(), stubs, provided).unwrap();
        Validator::new_with_features(WasmFeatures::all()).validate_all(&wasm).unwrap();
        wasm
    }

    fn imports(wasm: &[u8]) -> usize {
        let of_payload = |payload| match payload {
            Ok(Payload::ImportSection(section)) => section.into_imports().count(),
            _ => 0,
        };
        Parser::new(0).parse_all(wasm).map(of_payload).sum()
    }

    #[test]
    fn imports_of_every_kind_become_definitions_of_their_type() {
        let wasm = satisfied(
            r#"(module (import "env" "log" (func (param i32) (result i64))) (import "env" "memory" (memory 1 4))
                (import "env" "table" (table 2 funcref)) (import "env" "base" (global i32))
                (import "env" "counter" (global (mut f64)))
                (data (global.get 0) "x") (elem (global.get 0) 0)
                (func (export "f") (result i64) (call 0 (i32.load (i32.const 0)))))"#,
            Stubs::Zero,
        );
        assert_eq!(imports(&wasm), 0);
        // A constant in place of a global that is no import any more.
        Validator::new_with_features(WasmFeatures::MVP | WasmFeatures::MUTABLE_GLOBAL)
            .validate_all(&wasm)
            .unwrap();
    }

    #[test]
    fn functions_keep_their_numbers_and_code_where_every_import_is_replaced() {
        let text = r#"(module (import "env" "log" (func (param i32 i32)))
            (func $fib (export "fib") (param i32) (result i32)
                (if (i32.gt_s (local.get 0) (i32.const 99)) (then (call 0 (i32.const 1) (i32.const 2))))
                (local.get 0)))"#;
        let code = |wasm: &[u8]| {
            let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
                Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
                _ => None,
            });
            bodies.last().unwrap()
        };
        assert_eq!(code(&satisfied(text, Stubs::Trap)), code(&wat::parse_str(text).unwrap()));
    }

    #[test]
    fn imports_that_engines_provide_stay_and_calls_go_where_they_went() {
        let wasm = satisfied(
            r#"(module (import "env" "one" (func $one (result i32)))
                (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
                (func (export "f") (result i32) (i32.add (call $one) (call $yield))))"#,
            Stubs::Zero,
        );
        assert_eq!(imports(&wasm), 1);
        // The import is function 0 now, and what stands in for the other is function 1.
        assert_eq!(calls(&wasm), [1, 0]);
    }

    /// The functions that the last function calls.
    fn calls(wasm: &[u8]) -> Vec<u32> {
        let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let operators = bodies.last().unwrap().get_operators_reader().unwrap().into_iter();
        let called = |operator| match operator {
            Ok(wasmparser::Operator::Call { function_index }) => Some(function_index),
            _ => None,
        };
        operators.filter_map(called).collect()
    }
}
