//! Single-precision arithmetic: products, quotients, square roots, rounding, comparisons and
//! conversions, as in graphics and audio code.

/// Where on a sphere light falls, for `size` directions: returns the brightness of all, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut direction: [f32; 3] = [0.6, 0.48, 0.64];
    let mut checksum: u64 = 0;
    for index in 0..size {
        direction = turn(direction, (index % 61) as f32 * 0.0125 + 0.01);
        let brightness = shade(direction);
        let level = (brightness * 255.0).round_ties_even() as u8;
        checksum = checksum.rotate_left(7) ^ u64::from(level) ^ u64::from(brightness.to_bits()) << 16;
    }
    checksum
}

/// Turns a direction a little and makes it one unit long again.
fn turn([x, y, z]: [f32; 3], angle: f32) -> [f32; 3] {
    // A rotation by small steps, which the normalisation corrects.
    let turned = [x - y * angle, y + x * angle - z * angle * 0.5, z + y * angle * 0.5];
    normalised(turned)
}

fn normalised([x, y, z]: [f32; 3]) -> [f32; 3] {
    let length = (x * x + y * y + z * z).sqrt();
    [x / length, y / length, z / length]
}

/// Diffuse and specular light on a chequered sphere.
fn shade([x, y, z]: [f32; 3]) -> f32 {
    let diffuse = (x * 0.36 + y * 0.48 + z * 0.8).max(0.0);
    let half = normalised([x + 0.36, y + 0.48, z + 1.8]);
    let mut specular = half[2].abs();
    for _ in 0..4 {
        specular *= specular;
    }
    let square = (x * 4.0).floor() + (y * 4.0).trunc() + (z * 4.0).ceil();
    let tile = if (square as i32) & 1 == 0 { 0.75 } else { 1.0 };
    (diffuse * tile + specular * 0.25).min(1.0).copysign(1.0)
}
