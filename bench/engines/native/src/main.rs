//! Native code as workers: `rust-native` (the target's oldest CPU) and `rust-native-host` (this
//! machine's). The module is a shared library that exports `extern "C" fn(u32) -> u64`.

mod engine;
mod library;
#[cfg(test)]
mod tests;

fn main() -> std::io::Result<()> {
    worker::serve::<engine::NativeEngine>()
}
