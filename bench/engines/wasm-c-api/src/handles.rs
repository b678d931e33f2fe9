//! Safe types around what a library's objects own: each is deleted once, and after what refers to it.

use crate::api::{
    Api, Callback, Engine, Extern, Func, FuncType, Instance, Many, Module, Number, SharedModule,
};
use crate::api::{ExportType, ImportType, Store, Trap, ValType, WasmtimeError};
use std::ptr::null_mut;
use std::rc::Rc;

/// An object that the library has given away, and the function that deletes it.
pub struct Owned<T> {
    object: *mut T,
    delete: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// `object`, which the library has given away for `delete`; `None` where it is null.
    ///
    /// # Safety
    /// `object` is null, or nobody else deletes it and `delete` is its function.
    unsafe fn new(object: *mut T, delete: unsafe extern "C" fn(*mut T)) -> Option<Owned<T>> {
        // Not `then_some`, which would make and drop one around null.
        (!object.is_null()).then(|| Owned { object, delete })
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: by the contract of `new`, this is the only time that the object is deleted.
        unsafe { (self.delete)(self.object) };
    }
}

/// A vector whose elements the library has given away.
pub struct OwnedMany<T> {
    many: Many<T>,
    delete: unsafe extern "C" fn(*mut Many<T>),
}

impl<T> OwnedMany<T> {
    /// What `fill` writes, which `delete` deletes.
    ///
    /// # Safety
    /// `fill` writes a vector that is ours, or nothing, and `delete` is its function.
    unsafe fn filled(
        delete: unsafe extern "C" fn(*mut Many<T>),
        fill: impl FnOnce(*mut Many<T>),
    ) -> OwnedMany<T> {
        let mut owned = OwnedMany { many: Many::EMPTY, delete };
        fill(&raw mut owned.many);
        owned
    }

    /// The elements.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: the vector lives as long as `self`.
        unsafe { slice_of(&self.many) }
    }
}

impl<T> Drop for OwnedMany<T> {
    fn drop(&mut self) {
        // SAFETY: by the contract of `filled`, this is the only time that the vector is deleted.
        unsafe { (self.delete)(&raw mut self.many) };
    }
}

/// The elements of `many`.
///
/// # Safety
/// They live as long as the borrow.
unsafe fn slice_of<T>(many: &Many<T>) -> &[T] {
    if many.data.is_null() {
        return &[];
    }
    // SAFETY: a vector that is not empty has `size` elements at `data`, which live by this function's contract.
    unsafe { std::slice::from_raw_parts(many.data, many.size) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_suffix(b"\0").unwrap_or(bytes)).into_owned()
}

/// An engine and a store of it, in which modules are made or instances live.
pub struct Place {
    /// The library's functions.
    pub api: &'static Api,
    // Dropped before the engine.
    store: Owned<Store>,
    engine: Rc<Owned<Engine>>,
}

impl Place {
    /// A store of a new engine.
    pub fn new(api: &'static Api) -> Option<Place> {
        // SAFETY: an engine is ours to delete.
        let engine = unsafe { Owned::new((api.wasm_engine_new)(), api.wasm_engine_delete) }?;
        Place::of(api, &Rc::new(engine))
    }

    /// Another store of the same engine.
    pub fn another(&self) -> Option<Place> {
        Place::of(self.api, &self.engine)
    }

    fn of(api: &'static Api, engine: &Rc<Owned<Engine>>) -> Option<Place> {
        // SAFETY: the engine lives; a store is ours to delete.
        let store = unsafe { Owned::new((api.wasm_store_new)(engine.object), api.wasm_store_delete) }?;
        Some(Place { api, store, engine: Rc::clone(engine) })
    }

    /// Whether `wasm` is a valid module.
    pub fn validates(&self, wasm: &[u8]) -> bool {
        // SAFETY: the store lives, and the bytes during the call.
        unsafe { (self.api.wasm_module_validate)(self.store.object, &Many::lent(wasm)) }
    }

    /// The module of the bytes `wasm`.
    pub fn compiled(&self, wasm: &[u8]) -> Option<Owned<Module>> {
        // SAFETY: as above; a module is ours to delete.
        unsafe {
            let module = (self.api.wasm_module_new)(self.store.object, &Many::lent(wasm));
            Owned::new(module, self.api.wasm_module_delete)
        }
    }

    /// The module that `bytes` were serialised from by the same library.
    pub fn deserialized(&self, bytes: &[u8]) -> Option<Owned<Module>> {
        let deserialize = self.api.wasm_module_deserialize?;
        // SAFETY: as above. The bytes are what the same library has serialised: the worker's own artifacts.
        unsafe {
            let module = deserialize(self.store.object, &Many::lent(bytes));
            Owned::new(module, self.api.wasm_module_delete)
        }
    }

    /// The module behind `shared`, for this store.
    pub fn obtained(&self, shared: &Owned<SharedModule>) -> Option<Owned<Module>> {
        // SAFETY: both live and are of one engine; the module is ours to delete.
        unsafe {
            let module = (self.api.wasm_module_obtain)(self.store.object, shared.object);
            Owned::new(module, self.api.wasm_module_delete)
        }
    }

    /// `callback` as a function `() -> ()` of this store.
    pub fn host_function(&self, callback: Callback) -> Option<Owned<Func>> {
        let (mut none, mut neither) = (Many::<*mut ValType>::EMPTY, Many::<*mut ValType>::EMPTY);
        // SAFETY: two empty vectors are taken, which own nothing; type and function are ours to delete.
        unsafe {
            let ty = (self.api.wasm_functype_new)(&raw mut none, &raw mut neither);
            let ty = Owned::new(ty, self.api.wasm_functype_delete)?;
            let function = (self.api.wasm_func_new)(self.store.object, ty.object, callback);
            Owned::new(function, self.api.wasm_func_delete)
        }
    }

    /// An instance of `module`, with `imports` in the order in which it names them.
    ///
    /// # Errors
    /// What the start function trapped with, or why there is no instance; the library may say nothing.
    pub fn instance(
        &self,
        module: &Owned<Module>,
        imports: &[Owned<Func>],
    ) -> Result<Owned<Instance>, Option<Stopped>> {
        let mut trap: *mut Trap = null_mut();
        // SAFETY: store, module and functions live, and are of one store; instance and trap are ours to delete.
        unsafe {
            let imports: Vec<*mut Extern> =
                imports.iter().map(|function| (self.api.wasm_func_as_extern)(function.object)).collect();
            let imports = Many::lent(&imports);
            let instance = (self.api.wasm_instance_new)(
                self.store.object,
                module.object,
                &raw const imports,
                &raw mut trap,
            );
            let trap = Stopped::of(self.api, trap);
            Owned::new(instance, self.api.wasm_instance_delete).ok_or(trap)
        }
    }

    /// Why the library does not take `wasm`, in its own words, where it has a function that says so. `wasm.h` has
    /// none: this validates once more, after a refusal.
    pub fn refusal(&self, wasm: &[u8]) -> Option<String> {
        let api = self.api;
        if let (Some(validate), Some(message), Some(delete)) =
            (api.wasmtime_module_validate, api.wasmtime_error_message, api.wasmtime_error_delete)
        {
            // SAFETY: the engine lives, and the bytes during the call; the error and its message are ours to delete.
            return unsafe {
                let error = validate(self.engine.object, wasm.as_ptr(), wasm.len());
                let error: Owned<WasmtimeError> = Owned::new(error, delete)?;
                let words = OwnedMany::filled(api.wasm_byte_vec_delete, |to| message(error.object, to));
                Some(text(words.as_slice()))
            };
        }
        let (length, message) = (api.wasmer_last_error_length?, api.wasmer_last_error_message?);
        // SAFETY: the length is that of the message with its zero, for which there is room.
        unsafe {
            let length = length();
            let mut room = vec![0_u8; usize::try_from(length).ok().filter(|length| *length > 0)?];
            (message(room.as_mut_ptr().cast(), length) > 0).then(|| text(&room))
        }
    }
}

impl Api {
    /// `module`'s bytes that `wasm_module_deserialize` takes; none where the library cannot save it.
    pub fn serialized(&self, module: &Owned<Module>) -> Option<OwnedMany<u8>> {
        let serialize = self.wasm_module_serialize?;
        // SAFETY: the module lives; the vector is ours to delete.
        let bytes =
            unsafe { OwnedMany::filled(self.wasm_byte_vec_delete, |to| serialize(module.object, to)) };
        (!bytes.as_slice().is_empty()).then_some(bytes)
    }

    /// `module`, to be obtained for other stores.
    pub fn shared(&self, module: &Owned<Module>) -> Option<Owned<SharedModule>> {
        // SAFETY: the module lives; what is shared is ours to delete.
        unsafe { Owned::new((self.wasm_module_share)(module.object), self.wasm_shared_module_delete) }
    }

    /// The imports of `module`: module, name, and whether it is a function `() -> ()`.
    pub fn imports(&self, module: &Owned<Module>) -> Vec<(String, String, bool)> {
        // SAFETY: the module lives; names and types live as long as the vector that they are read from.
        unsafe {
            let all: OwnedMany<*mut ImportType> = OwnedMany::filled(self.wasm_importtype_vec_delete, |to| {
                (self.wasm_module_imports)(module.object, to);
            });
            let read = |import: &*mut ImportType| {
                let of = text(slice_of(&*(self.wasm_importtype_module)(*import)));
                let name = text(slice_of(&*(self.wasm_importtype_name)(*import)));
                let ty = (self.wasm_externtype_as_functype_const)((self.wasm_importtype_type)(*import));
                (of, name, !ty.is_null() && self.kinds(ty) == (Vec::new(), Vec::new()))
            };
            all.as_slice().iter().map(read).collect()
        }
    }

    /// The exports of `module`, in the order of those of its instances.
    pub fn exports(&self, module: &Owned<Module>) -> OwnedMany<*mut ExportType> {
        // SAFETY: the module lives; the vector is ours to delete.
        unsafe {
            OwnedMany::filled(self.wasm_exporttype_vec_delete, |to| {
                (self.wasm_module_exports)(module.object, to);
            })
        }
    }

    /// Where `name` stands among `exports`.
    pub fn position(&self, exports: &OwnedMany<*mut ExportType>, name: &str) -> Option<usize> {
        // SAFETY: the name lives as long as the vector.
        let is_it = |export: &*mut ExportType| unsafe {
            slice_of(&*(self.wasm_exporttype_name)(*export)) == name.as_bytes()
        };
        exports.as_slice().iter().position(is_it)
    }

    /// What `instance` exports.
    pub fn exported(&self, instance: &Owned<Instance>) -> OwnedMany<*mut Extern> {
        // SAFETY: the instance lives; the vector is ours to delete.
        unsafe {
            OwnedMany::filled(self.wasm_extern_vec_delete, |to| {
                (self.wasm_instance_exports)(instance.object, to);
            })
        }
    }

    /// The kinds of parameters and results of `ty`.
    ///
    /// # Safety
    /// The type lives.
    unsafe fn kinds(&self, ty: *const FuncType) -> (Vec<u8>, Vec<u8>) {
        // SAFETY: the vectors and what is in them live as long as the type.
        unsafe {
            let kinds = |many: *const Many<*mut ValType>| {
                slice_of(&*many).iter().map(|ty| (self.wasm_valtype_kind)(*ty)).collect()
            };
            (kinds((self.wasm_functype_params)(ty)), kinds((self.wasm_functype_results)(ty)))
        }
    }
}

/// A function among the exports of an instance.
#[derive(Clone, Copy)]
pub struct Function(*mut Func);

impl Function {
    /// The function that export number `index` is; `None` where it is something else.
    pub fn among(api: &Api, exports: &OwnedMany<*mut Extern>, index: usize) -> Option<Function> {
        let export = *exports.as_slice().get(index)?;
        // SAFETY: the export lives; the function is a view of it.
        let function = unsafe { (api.wasm_extern_as_func)(export) };
        (!function.is_null()).then_some(Function(function))
    }

    /// The kinds of its parameters and results.
    ///
    /// # Safety
    /// The exports that it stands in live.
    pub unsafe fn kinds(self, api: &Api) -> (Vec<u8>, Vec<u8>) {
        // SAFETY: the function lives; its type is ours to delete.
        unsafe {
            let ty = Owned::new((api.wasm_func_type)(self.0), api.wasm_functype_delete);
            ty.map(|ty| api.kinds(ty.object)).unwrap_or_default()
        }
    }

    /// Calls it.
    ///
    /// # Errors
    /// When it does not return.
    ///
    /// # Safety
    /// The exports that it stands in live; it has as many parameters and results of these kinds.
    #[inline(always)]
    pub unsafe fn call(self, api: &Api, args: &[Number], results: &mut [Number]) -> Result<(), Stopped> {
        let (args, mut results) = (Many::lent(args), Many::written(results));
        // SAFETY: by this function's contract.
        let trap = unsafe { (api.wasm_func_call)(self.0, &raw const args, &raw mut results) };
        if trap.is_null() {
            return Ok(());
        }
        // SAFETY: the trap is ours to delete.
        Err(unsafe { Stopped::of(api, trap) }.unwrap_or_default())
    }
}

/// Why a call or a start function did not return, in the library's words.
#[derive(Default)]
pub struct Stopped(pub String);

impl Stopped {
    /// Reads and deletes `trap`, if it is one.
    ///
    /// # Safety
    /// It is null or nobody else deletes it.
    #[cold]
    unsafe fn of(api: &Api, trap: *mut Trap) -> Option<Stopped> {
        // SAFETY: by this function's contract; the message is ours to delete.
        unsafe {
            let trap = Owned::new(trap, api.wasm_trap_delete)?;
            let words = OwnedMany::filled(api.wasm_byte_vec_delete, |to| {
                (api.wasm_trap_message)(trap.object, to);
            });
            Some(Stopped(text(words.as_slice())))
        }
    }
}
