//! `bench.start` and `bench.end`, for modules that mark the stretch to be timed.

use protocol::region;
use wasmer::{AsStoreMut, Function, Imports, Module};

/// The two functions where `module` imports one of them, else nothing.
pub fn imports(module: &Module, store: &mut impl AsStoreMut) -> Imports {
    let mut imports = Imports::new();
    if module.info().imports.keys().any(|import| import.module == region::MODULE) {
        imports.define(region::MODULE, region::START, Function::new_typed(store, region::start));
        imports.define(region::MODULE, region::END, Function::new_typed(store, region::end));
    }
    imports
}
