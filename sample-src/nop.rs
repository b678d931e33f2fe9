//! The floor: a call that does nothing, so that what remains is the runtime's own cost of
//! compiling, instantiating and calling anything at all.

/// Does nothing and returns 0, whatever `_size` is.
#[unsafe(no_mangle)]
pub extern "C" fn run(_size: u32) -> u64 {
    0
}
