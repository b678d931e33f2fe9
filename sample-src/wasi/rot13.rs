//! A filter from standard input to standard output: numbers the lines and shifts their letters
//! by 13 places.

use std::io::{self, BufRead, BufWriter, Write};

fn main() -> io::Result<()> {
    let mut output = BufWriter::new(io::stdout().lock());
    for (index, line) in io::stdin().lock().split(b'\n').enumerate() {
        let mut line = line?;
        line.iter_mut().for_each(|letter| *letter = rotated(*letter));
        write!(output, "{:>5} ", index + 1)?;
        output.write_all(&line)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

fn rotated(letter: u8) -> u8 {
    let first = match letter {
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        _ => return letter,
    };
    first + (letter - first + 13) % 26
}
