//! f64 divisions and integer-to-float conversions: the largest singular value of an infinite
//! matrix whose elements are computed anew each time they are needed.

/// Approximates the spectral norm of the matrix's upper left `size` times `size` elements by
/// the power method and returns the bits of the result.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut u = vec![1.0; size as usize];
    let mut v = u.clone();
    let mut between = u.clone();
    for _ in 0..10 {
        multiply(&u, &mut between, |row, column| element(row, column));
        multiply(&between, &mut v, |row, column| element(column, row));
        multiply(&v, &mut between, |row, column| element(row, column));
        multiply(&between, &mut u, |row, column| element(column, row));
    }
    let (mut uv, mut vv) = (0.0, 0.0);
    for (a, b) in u.iter().zip(&v) {
        uv += a * b;
        vv += b * b;
    }
    let norm: f64 = uv / vv;
    norm.sqrt().to_bits()
}

fn element(row: u32, column: u32) -> f64 {
    let diagonal = row + column;
    1.0 / f64::from(diagonal * (diagonal + 1) / 2 + row + 1)
}

fn multiply(vector: &[f64], product: &mut [f64], element: impl Fn(u32, u32) -> f64) {
    for (row, sum) in (0..).zip(product) {
        let terms = (0..).zip(vector).map(|(column, value)| element(row, column) * value);
        *sum = terms.fold(0.0, |sum, term| sum + term);
    }
}
