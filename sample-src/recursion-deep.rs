//! Deep recursion: frames upon frames that nothing can turn into a loop. What a frame costs, and
//! how much stack an engine gives: at the large size it may run out, which is a trap.

/// Descents in one call, so that the way in does not count.
const DESCENTS: u64 = 200;

/// Descends `size` calls deep, again and again, and returns what came back up.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    (0..DESCENTS).fold(0, |sum, start| descend(size, sum ^ start))
}

/// What is done with the result of the inner call depends on the order, so that the call
/// cannot become a jump.
fn descend(depth: u32, value: u64) -> u64 {
    if depth == 0 {
        return value;
    }
    let inner = descend(depth - 1, value.wrapping_mul(5).wrapping_add(u64::from(depth)));
    inner.rotate_left(depth & 31) ^ value
}
