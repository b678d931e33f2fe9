//! Wasmer as workers: `wasmer-singlepass`, `wasmer-cranelift` and, with the feature `llvm`,
//! `wasmer-llvm`.

mod compiler;
mod engine;
mod errors;
mod host;
mod instance;
mod marks;
mod stream;
mod wasi;

fn main() -> std::io::Result<()> {
    worker::serve::<engine::WasmerEngine>()
}
