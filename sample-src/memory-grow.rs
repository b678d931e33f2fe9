//! Growing memory: blocks of 64 KiB that are never given back within a call, so that linear
//! memory grows and each of its pages is touched for the first time. Native code grows a range
//! of reserved addresses instead: it pays for the pages alone.

/// The bytes of a block: with the allocator's own, no more than a page of linear memory.
const BLOCK: usize = 65_536 - 64;

/// The bytes between two touches: no page of a machine is smaller.
const STEP: usize = 4096;

/// Keeps `size` blocks, touches every page of them and returns what stands there, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(size as usize);
    for index in 0..size {
        let mut block = vec![0; BLOCK];
        for byte in block.iter_mut().step_by(STEP) {
            *byte = index.to_le_bytes()[0];
        }
        blocks.push(block);
    }
    let bytes = blocks.iter().flat_map(|block| block.iter().step_by(STEP));
    bytes.fold(blocks.len() as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}
