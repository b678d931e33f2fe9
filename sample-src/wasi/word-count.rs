//! Reads files from the folder that was opened for it and counts their lines, words, letters and
//! most frequent words.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let mut text = String::new();
        File::open(&path)?.read_to_string(&mut text)?;
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
        let words: u32 = counts.values().sum();
        println!("{path}: {} lines, {words} words, {} letters", text.lines().count(), text.chars().count());
        let mut ranking: Vec<_> = counts.into_iter().collect();
        ranking.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (word, count) in ranking.iter().take(10) {
            println!("{count:>6} {word}");
        }
    }
    Ok(())
}
