//! `bench.start` and `bench.end`, for modules that mark the stretch to be timed.

use wasmer::{AsStoreMut, Function, Imports, Module};
use worker::marks;

/// The two functions where `module` imports one of them, else nothing.
pub fn imports(module: &Module, store: &mut impl AsStoreMut) -> Imports {
    let mut imports = Imports::new();
    if module.info().imports.keys().any(|import| import.module == marks::MODULE) {
        imports.define(marks::MODULE, marks::START, Function::new_typed(store, marks::start));
        imports.define(marks::MODULE, marks::END, Function::new_typed(store, marks::end));
    }
    imports
}
