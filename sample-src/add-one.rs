//! The smallest function that uses its argument: the cost of handing one value in and another
//! one out.

/// Returns `size` + 1.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    u64::from(size) + 1
}
