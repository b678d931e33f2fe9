//! A decoded module, which is its only instance: the code, and a store with the memory and the tables.

use spacewasm::{
    AllocError, Allocator, CodeBuilder, CompilerOptions, Engine as State, HostFunction, HostFunctionBreak,
    HostModule, HostValList, InnerVec, Module as Code, ModuleRef, Rc, ValidationError as Invalid, Vec,
    WasmMemoryAllocator, WasmStream,
};
use std::alloc::Layout;
use std::ops::ControlFlow;
use std::ptr::NonNull;
use worker::marks;
use worker::protocol::{Error, Result};

/// Of 32 bits each: 1 MiB.
const STACK_WORDS: usize = 1 << 18;
/// The most nested blocks of a function.
const CONTROL_FRAMES: usize = 1024;
/// The most operands of a function.
const OPERANDS: usize = 1024;
/// A page of code has 512 bytes, so this allows for eight bytes of code for each one of the module.
const WASM_BYTES_PER_PAGE: usize = 64;

/// The system's allocator, for what the interpreter keeps and for the guests' memories.
struct System;

// SAFETY: the system's allocator keeps the same promises.
unsafe impl Allocator for System {
    unsafe fn alloc(&self, layout: Layout) -> std::result::Result<*mut u8, AllocError> {
        // SAFETY: the caller asks for at least one byte.
        let start = unsafe { std::alloc::alloc(layout) };
        if start.is_null() { Err(AllocError::AllocationFailed) } else { Ok(start) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back what it got.
        unsafe { std::alloc::dealloc(start, layout) }
    }
}

spacewasm::global_allocator!(System, System);

impl WasmMemoryAllocator for System {
    fn allocate(&self, layout: Layout) -> std::result::Result<NonNull<u8>, AllocError> {
        // SAFETY: memories without bytes are not allocated.
        NonNull::new(unsafe { std::alloc::alloc(layout) }).ok_or(AllocError::AllocationFailed)
    }

    fn reallocate(
        &self,
        start: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> std::result::Result<NonNull<u8>, AllocError> {
        // SAFETY: the bytes are of this allocator and have that layout; the new one is larger.
        let moved = unsafe { std::alloc::realloc(start.as_ptr(), old, new.size()) };
        NonNull::new(moved).ok_or(AllocError::AllocationFailed)
    }

    fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
        // SAFETY: the bytes are of this allocator and have that layout.
        unsafe { std::alloc::dealloc(start.as_ptr(), layout) }
    }
}

/// A module's bytes, given in one piece.
struct Whole<'a> {
    wasm: &'a [u8],
    is_read: bool,
}

impl WasmStream for Whole<'_> {
    fn read(&mut self) -> std::result::Result<Option<InnerVec<u8>>, u8> {
        if std::mem::replace(&mut self.is_read, true) {
            return Ok(None);
        }
        let length = self.wasm.len();
        // SAFETY: the decoder only reads the bytes, which outlive it, and gives them back instead of freeing them.
        Ok(Some(unsafe { InnerVec::from_raw_parts(self.wasm.as_ptr().cast_mut(), length, length) }))
    }

    fn return_(&mut self, _: InnerVec<u8>) {}
}

/// A decoded module.
pub struct Decoded {
    /// The interpreter's state, with the store.
    pub state: State,
    /// The code.
    pub code: CodeBuilder,
    /// The module in the store.
    pub module: ModuleRef,
}

impl Decoded {
    /// Decodes `wasm`, whose imports are the marks at most.
    ///
    /// # Errors
    /// When the interpreter does not take the module, or an import is something else.
    pub fn new(wasm: &[u8]) -> Result<Decoded> {
        let options = CompilerOptions {
            allow_memory_grow: true,
            max_backpatch_iterations: None,
            max_code_pages: wasm.len() / WASM_BYTES_PER_PAGE + 256,
        };
        let mut code = CodeBuilder::new(options).map_err(|error| no_memory(&error))?;
        let mut hosts = Vec::new(1).map_err(|error| no_memory(&error))?;
        hosts.push(marks_module()?);
        let mut state = State::new(STACK_WORDS, 1, hosts)
            .map_err(|error| Error::internal(format!("no memory for a store: {error:?}")))?;
        let mut stream = Whole { wasm, is_read: false };
        let memories = Rc::new(System).map_err(|error| no_memory(&error))?.into_wasm_memory_allocator();
        let decoded =
            Code::new::<CONTROL_FRAMES, OPERANDS>("", &mut stream, &mut state.store, &mut code, memories);
        let decoded = decoded.map_err(|error| refused(wasm, error.offset, &error.err.err))?;
        let module = state.push_module(decoded).map_err(|error| no_memory(&error))?;
        Ok(Decoded { state, code, module })
    }
}

/// What a module may import.
fn marks_module() -> Result<HostModule> {
    let mut functions = Vec::new(2).map_err(|error| no_memory(&error))?;
    functions.push(mark(marks::START, marks::start));
    functions.push(mark(marks::END, marks::end));
    Ok(HostModule {
        name: marks::MODULE.into(),
        globals: Vec::zero(),
        functions,
        memory: Vec::zero(),
        table: Vec::zero(),
    })
}

fn mark(name: &str, set: fn()) -> HostFunction {
    HostFunction::new(name, HostValList::new(""), HostValList::new(""), move |_, _| {
        set();
        ControlFlow::<HostFunctionBreak, _>::Continue(None)
    })
}

fn no_memory(error: &AllocError) -> Error {
    Error::internal(format!("no memory for a store: {error:?}"))
}

/// The first import of `wasm` that is no mark. The interpreter does not say which one it lacks.
fn not_provided(wasm: &[u8]) -> Option<String> {
    let payloads = wasmparser::Parser::new(0).parse_all(wasm).map_while(std::result::Result::ok);
    let imports = payloads.filter_map(|payload| match payload {
        wasmparser::Payload::ImportSection(imports) => Some(imports.into_imports()),
        _ => None,
    });
    let is_mark = |module, name| module == marks::MODULE && [marks::START, marks::END].contains(&name);
    let mut lacking = imports.flatten().map_while(std::result::Result::ok);
    lacking.find(|one| !is_mark(one.module, one.name)).map(|one| format!("{}.{}", one.module, one.name))
}

/// Why `wasm` was not decoded beyond `offset`.
fn refused(wasm: &[u8], offset: u32, error: &Invalid) -> Error {
    let words = format!("{error:?} at byte {offset}");
    match error {
        Invalid::FunctionImportNotFound
        | Invalid::GlobalImportNotFound
        | Invalid::MemoryImportNotFound
        | Invalid::TableImportNotFound
        | Invalid::FunctionImportTypeMismatch
        | Invalid::GlobalImportTypeMismatch
        | Invalid::MemoryImportTypeMismatch
        | Invalid::TableImportTypeMismatch => match not_provided(wasm) {
            Some(name) => Error::link(format!("not provided: {name} ({words})")),
            None => Error::link(words),
        },
        Invalid::GuestMemoryAllocationFailure | Invalid::AllocError(_) | Invalid::MemoryError(_) => {
            Error::internal(words)
        }
        _ => Error::rejected(words),
    }
}
