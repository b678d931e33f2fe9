//! Dense f64 loops over memory: what a compiler makes of address arithmetic, bounds checks and,
//! where the target has vectors, of a loop that vectorises.

/// Multiplies two `size` × `size` matrices (`size` is at least 1) and returns the bits of the product, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let n = size as usize;
    let left = matrix(size, 7);
    let right = matrix(size, 11);
    let mut product = vec![0.0; n * n];
    for (row, out) in left.chunks_exact(n).zip(product.chunks_exact_mut(n)) {
        for (factor, line) in row.iter().zip(right.chunks_exact(n)) {
            for (sum, value) in out.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
    product.iter().fold(0, |checksum: u64, value: &f64| checksum.rotate_left(3) ^ value.to_bits())
}

/// A matrix of thirds between -8 and 8, so that products round.
fn matrix(size: u32, seed: u32) -> Vec<f64> {
    let cells = size * size;
    (0..cells).map(|cell| (f64::from(cell.wrapping_mul(seed) % 49) - 24.0) / 3.0).collect()
}
