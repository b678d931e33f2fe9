//! What the apps share: as much input as a size asks for, and a checksum of all output, which
//! is the same on 32-bit wasm and on 64-bit native targets.

/// A checksum over everything that it was fed, in order. It takes eight bytes at a time, so that
/// it costs next to nothing beside what made them.
#[derive(Debug)]
pub struct Checksum(u64);

impl Default for Checksum {
    fn default() -> Checksum {
        Checksum(0x243f_6a88_85a3_08d3)
    }
}

impl Checksum {
    /// The checksum of `bytes` alone.
    pub fn of(bytes: &[u8]) -> u64 {
        let mut checksum = Checksum::default();
        checksum.add(bytes);
        checksum.finish()
    }

    /// Adds `bytes` and their number.
    pub fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add_number(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.add_number(u64::from_le_bytes(last));
        self.add_number(bytes.len() as u64);
    }

    /// Adds `number`.
    pub fn add_number(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    /// The checksum.
    pub fn finish(self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// `kib` KiB of `text`, cut at the end of a line: its beginning, or all of it several times and
/// then its beginning.
pub fn text(text: &str, kib: u32) -> impl Iterator<Item = &str> {
    let mut left = kib as usize * 1024;
    std::iter::from_fn(move || {
        let all = text.len().min(left);
        let end = if all == text.len() { all } else { text.floor_char_boundary(all) };
        let part = &text[..end];
        let part =
            if end < text.len() { &part[..part.rfind('\n').map_or(end, |line| line + 1)] } else { part };
        left -= all;
        (all > 0).then_some(part)
    })
}

/// Whole `files` in their order, over and over, until they make at least `kib` KiB.
pub fn files<'a>(files: &'a [&'a [u8]], kib: u32) -> impl Iterator<Item = &'a [u8]> {
    let mut left = i64::from(kib) * 1024;
    files.iter().cycle().copied().take_while(move |file| {
        let wanted = left > 0;
        left -= file.len() as i64;
        wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_depends_on_every_byte_and_on_the_length() {
        let bytes = [7; 21];
        for index in 0..bytes.len() {
            let mut changed = bytes;
            changed[index] ^= 1;
            assert_ne!(Checksum::of(&changed), Checksum::of(&bytes), "{index}");
        }
        assert_ne!(Checksum::of(&[0; 3]), Checksum::of(&[0; 4]));
        assert_ne!(Checksum::of(&[]), Checksum::of(&[0]));
    }

    #[test]
    fn text_is_cut_at_lines_and_repeated() {
        let input = format!("{}\n{}\nüü", "a".repeat(700), "b".repeat(700));
        let parts: Vec<&str> = text(&input, 1).collect();
        assert_eq!(parts, [&input[..701]]);
        let parts: Vec<&str> = text(&input, 2).collect();
        assert_eq!(parts, [&input[..], &input[..2048 - input.len()]].map(|part| part));
        assert_eq!(text(&input, 0).count(), 0);
    }

    #[test]
    fn files_come_whole_until_there_is_enough() {
        let list: [&[u8]; 2] = [&[1; 1000], &[2; 3000]];
        let lengths = |kib| files(&list, kib).map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(1), [1000, 3000]);
        assert_eq!(lengths(4), [1000, 3000, 1000]);
    }
}
