//! Wasmer as workers: `wasmer-singlepass`, `wasmer-cranelift` and, with the feature `llvm`,
//! `wasmer-llvm`. The feature `wasi` makes the worker for modules that import WASI.

mod compiler;
mod engine;
mod errors;
#[cfg(feature = "wasi")]
mod host;
mod instance;
mod marks;
#[cfg(feature = "wasi")]
mod stream;
#[cfg_attr(not(feature = "wasi"), path = "without_wasi.rs")]
mod wasi;

fn main() -> std::io::Result<()> {
    worker::serve::<engine::WasmerEngine>()
}
