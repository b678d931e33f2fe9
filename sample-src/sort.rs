//! Comparisons and moves with unpredictable branches: the standard library's unstable and
//! stable sorts, the second of which allocates.

/// Sorts `size` numbers without and `size` pairs with regard to order among equals, and
/// returns the positions mixed with the values.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut random = 0x9e37_79b9_7f4a_7c15;
    let mut numbers: Vec<u64> = (0..size).map(|_| next(&mut random)).collect();
    // Few distinct keys, so that stability shows in the checksum.
    let mut pairs: Vec<(u32, u32)> =
        (0..size).map(|index| (next(&mut random) as u32 % 1024, index)).collect();
    numbers.sort_unstable();
    pairs.sort_by_key(|pair| pair.0);
    let numbers = numbers.iter().fold(0, |checksum, number| mix(checksum, *number));
    pairs.iter().fold(numbers, |checksum, pair| mix(checksum, u64::from(pair.1)))
}

fn mix(checksum: u64, value: u64) -> u64 {
    (checksum.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// A xorshift generator: the same numbers on every machine.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
