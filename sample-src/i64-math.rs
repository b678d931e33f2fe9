//! 64-bit integer arithmetic: multiplications, divisions, remainders, shifts and bit counts,
//! which a 32-bit machine has none of.

/// Mixes `size` numbers by every 64-bit operation and returns the last state.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sum: u64 = 0;
    for index in 0..u64::from(size) {
        state = mix(state.wrapping_add(index));
        let divisor = state >> 40 | 1;
        let quotient = state / divisor;
        let remainder = (state ^ quotient) % (divisor + 2);
        sum = sum.wrapping_add(power(remainder, 5 + index % 3, 0xffff_fffb));
        sum ^= u64::from(state.count_ones() + state.leading_zeros()) << (sum.trailing_zeros() & 31);
        sum = sum.wrapping_add_signed(signed(state.cast_signed(), sum.cast_signed()));
    }
    sum ^ state
}

/// The finaliser of SplitMix64.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// `base` to the power of `exponent`, modulo a number below 2^32.
fn power(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let (mut base, mut result) = (base % modulus, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    result
}

fn signed(a: i64, b: i64) -> i64 {
    let divisor = (b >> 17) | 1;
    if a < b { (a >> 3).wrapping_div(divisor) } else { (a >> 5).wrapping_rem(divisor) }
}
