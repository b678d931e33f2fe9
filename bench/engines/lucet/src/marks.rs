//! `bench.start` and `bench.end`, for modules that mark the stretch to be timed.

use lucet_module::bindings::Bindings;
use lucet_runtime::lucet_hostcall;
use lucet_runtime::vmctx::Vmctx;
use std::collections::HashMap;
use worker::marks;

/// Keeps the host functions in the program, where loaded modules look for them.
pub fn ensure_linked() {
    std::hint::black_box([bench_start as *const (), bench_end as *const ()]);
}

/// Which symbol stands for which of the two.
pub fn bindings() -> Bindings {
    let symbols = [(marks::START, "bench_start"), (marks::END, "bench_end")];
    let symbols = symbols.map(|(name, symbol)| (name.to_owned(), symbol.to_owned()));
    Bindings::new(HashMap::from([(marks::MODULE.to_owned(), HashMap::from(symbols))]))
}

#[lucet_hostcall]
#[no_mangle]
fn bench_start(_ctx: &mut Vmctx) {
    marks::start();
}

#[lucet_hostcall]
#[no_mangle]
fn bench_end(_ctx: &mut Vmctx) {
    marks::end();
}
