//! f64 arithmetic that decides branches: each pixel iterates until its point escapes, so that
//! the loop's length is never known ahead and nothing touches memory.

/// The most iterations of one pixel.
const LIMIT: u32 = 50;

/// Draws a square of `size` times `size` pixels of the Mandelbrot set and returns the
/// iterations of all pixels, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let scale = 2.0 / f64::from(size);
    let mut checksum: u64 = 0;
    for row in 0..size {
        let imaginary = f64::from(row) * scale - 1.0;
        for column in 0..size {
            let real = f64::from(column) * scale - 1.5;
            let iterations = escape(real, imaginary);
            checksum = checksum.rotate_left(3).wrapping_add(u64::from(iterations));
        }
    }
    checksum
}

/// The iterations until the point's orbit leaves the circle of radius 2.
fn escape(real: f64, imaginary: f64) -> u32 {
    let (mut x, mut y) = (0.0, 0.0);
    for iteration in 0..LIMIT {
        let (x_square, y_square) = (x * x, y * y);
        if x_square + y_square > 4.0 {
            return iteration;
        }
        y = 2.0 * x * y + imaginary;
        x = x_square - y_square + real;
    }
    LIMIT
}
