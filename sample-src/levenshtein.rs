//! Dynamic programming over bytes: comparisons and minima along one row of a table, each cell
//! waiting for the one before it.

/// Returns the edit distance of two texts of `size` letters, mixed with their ends' letters.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let (a, b) = (text(size, 0x2545_f491_4f6c_dd1d), text(size, 0x9e37_79b9_7f4a_7c15));
    let last = |text: &[u8]| text.last().copied().map_or(0, u64::from);
    u64::from(distance(&a, &b)) << 16 | last(&a) << 8 | last(&b)
}

/// Letters out of an alphabet of four, so that many match.
fn text(size: u32, mut random: u64) -> Vec<u8> {
    let letter = |_| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        b"acgt"[(random >> 33) as usize % 4]
    };
    (0..size).map(letter).collect()
}

/// Insertions, deletions and replacements that make `b` out of `a`.
fn distance(a: &[u8], b: &[u8]) -> u32 {
    let mut row: Vec<u32> = (0..=b.len() as u32).collect();
    for (above, letter) in (0..).zip(a) {
        let mut diagonal = above;
        let mut left = above + 1;
        row[0] = left;
        for (cell, other) in row[1..].iter_mut().zip(b) {
            let replaced = diagonal + u32::from(letter != other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
