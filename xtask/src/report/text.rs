//! Text that fits a width: wrapped between words, or cut.

/// A space at which no line ends.
pub const UNBROKEN: char = '\u{a0}';

/// `text` in lines of at most `width` characters; a longer word has a line of its own. The lines after the
/// first begin with `indent` spaces. Lines end at spaces, not at [`UNBROKEN`] ones, which become spaces.
pub fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let last = lines.last().map_or(0, |line| line.chars().count());
        let begins_at = if lines.len() == 1 { 0 } else { indent };
        if last > begins_at && last + 1 + word.chars().count() > width {
            lines.push(" ".repeat(indent));
        }
        if let Some(line) = lines.last_mut() {
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(&word.replace(UNBROKEN, " "));
        }
    }
    lines
}

/// `text` as far as `width` characters show it; `…` ends what is cut.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_long_words_stand_alone() {
        assert_eq!(wrapped("one two three", 7, 0), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 7, 2), ["one two", "  three"]);
        assert_eq!(wrapped("a incomprehensible b", 6, 2), ["a", "  incomprehensible", "  b"]);
        assert_eq!(wrapped("a b\u{a0}c d", 4, 0), ["a", "b c", "d"]);
        assert_eq!(wrapped("", 6, 2), [""]);
    }

    #[test]
    fn what_is_cut_ends_in_an_ellipsis() {
        assert_eq!(cut("fibonacci", 9), "fibonacci");
        assert_eq!(cut("fibonacci", 5), "fibo…");
        assert_eq!(cut("one two", 5), "one…");
    }
}
