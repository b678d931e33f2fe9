//! Text: `format!`, growing strings, decoding and case-mapping of multi-byte UTF-8, splitting
//! and parsing. Much code runs once here, as in ordinary programs.

use std::fmt::Write;

const WORDS: [&str; 8] = ["phase", "größe", "σύνολο", "мера", "計測", "été", "🦀🕸️", "naïve"];

/// Writes a text of `size` lines, reads it back and returns what was read, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let text = text(size);
    let mut checksum: u64 = text.len() as u64;
    for line in text.lines() {
        checksum = checksum.rotate_left(11) ^ read(line);
    }
    checksum
}

fn text(lines: u32) -> String {
    let mut text = String::new();
    for line in 0..lines {
        let word = WORDS[line as usize % WORDS.len()];
        let share = f64::from(line) / 7.0;
        let title = format!("{word}-{:04x}", line.wrapping_mul(0x9e37_79b9) >> 16);
        writeln!(text, "{line:>6} {title:<16} {share:.3} {}", title.to_uppercase()).unwrap_or(());
    }
    text
}

fn read(line: &str) -> u64 {
    let mut fields = line.split_whitespace();
    let number: u64 = fields.next().and_then(|field| field.parse().ok()).unwrap_or(0);
    let letters = fields.flat_map(str::chars).filter(|letter| letter.is_alphanumeric());
    letters.fold(number, |hash, letter| hash.wrapping_mul(31).wrapping_add(u64::from(u32::from(letter))))
}
