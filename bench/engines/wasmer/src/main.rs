//! Wasmer as workers: `wasmer-singlepass`, `wasmer-cranelift` and, with the feature `llvm`,
//! `wasmer-llvm`.

mod compiler;
mod engine;
mod errors;
mod instance;

fn main() -> std::io::Result<()> {
    protocol::serve::<engine::WasmerEngine>()
}
