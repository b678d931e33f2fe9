//! Memory traffic: strided byte stores over a large zeroed buffer, then one pass over all of
//! it. Shows the cost of bounds checks and of fresh memory.

/// Finds the primes below `size` with the sieve of Eratosthenes and returns their sum, mixed
/// with their number.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let limit = size as usize;
    let mut composite = vec![false; limit];
    let mut candidate: usize = 2;
    while candidate * candidate < limit {
        if !composite[candidate] {
            let mut multiple = candidate * candidate;
            while multiple < limit {
                composite[multiple] = true;
                multiple += candidate;
            }
        }
        candidate += 1;
    }
    checksum(&composite)
}

fn checksum(composite: &[bool]) -> u64 {
    let mut count: u64 = 0;
    let mut sum: u64 = 0;
    for (number, composite) in (0u64..).zip(composite).skip(2) {
        if !composite {
            count += 1;
            sum = sum.wrapping_add(number);
        }
    }
    sum ^ (count << 40)
}
