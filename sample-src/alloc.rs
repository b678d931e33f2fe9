//! Allocator churn: blocks of many sizes are made, grown and freed in an order that leaves holes,
//! so that finding a block is work. The heap that a call leaves behind is not the one it found.

const SLOTS: usize = 1024;

/// Replaces or grows `size` blocks and returns what stood in them, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut slots: Vec<Vec<u8>> = vec![Vec::new(); SLOTS];
    let mut random = 0x2545_f491_4f6c_dd1d;
    let mut checksum: u64 = 0;
    for _ in 0..size {
        let number = next(&mut random);
        let slot = &mut slots[(number >> 20) as usize % SLOTS];
        let byte = (number >> 56) as u8;
        if number % 4 == 0 {
            slot.reserve(slot.len() + 1);
            slot.push(byte);
        } else {
            checksum = checksum.rotate_left(5) ^ content(slot);
            *slot = block(number, byte);
        }
    }
    slots.iter().fold(checksum, |checksum, slot| checksum.rotate_left(5) ^ content(slot))
}

/// Mostly small, and one in 32 large.
fn block(random: u64, byte: u8) -> Vec<u8> {
    let range = if (random >> 8) % 32 == 0 { 16_384 } else { 256 };
    let mut block = Vec::with_capacity((random >> 32) as usize % range + 1);
    block.push(byte);
    block
}

fn content(block: &[u8]) -> u64 {
    let ends = [block.first(), block.last()];
    ends.into_iter().flatten().fold(block.len() as u64, |sum, byte| sum << 8 | u64::from(*byte))
}

/// A xorshift generator: the same numbers on every machine.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
