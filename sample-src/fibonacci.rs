//! Direct calls and little else: prologues, stack checks and the calling convention of a
//! runtime's code.

/// Returns the Fibonacci number with index `size`, by plain double recursion.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    fibonacci(size)
}

// Not inlined, so that no runtime's caller decides how deep the recursion is unrolled.
#[inline(never)]
fn fibonacci(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fibonacci(n - 1).wrapping_add(fibonacci(n - 2)) }
}
