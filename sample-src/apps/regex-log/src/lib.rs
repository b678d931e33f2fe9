//! The regex crate searches the log of a web server: compiling of patterns, literal search, lazy
//! automata, captures and replacing.

use common::Checksum;
use regex::{Regex, RegexSet};

const LOG: &str = include_str!("../../inputs/access.log");

const LINE: &str = r#"(?m)^(?P<address>[0-9.]+) - (?P<user>[^ ]+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>[^ ]+) HTTP/[0-9.]+" (?P<status>[0-9]{3}) (?P<bytes>[0-9]+) .* (?P<seconds>[0-9]+\.[0-9]+)$"#;

const ALARMS: [&str; 5] =
    [r" 5[0-9]{2} ", r"\.\./|%2e%2e", r"wp-(login|admin)", r"(?i-u)bot\b", r" [12]\.[0-9]{6}$"];

/// Searches `size` lines of the log and returns a checksum of everything found.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let lines: Vec<&str> = LOG.lines().cycle().take(size as usize).collect();
    let log = lines.join("\n");
    let mut checksum = Checksum::default();
    fields(&log, &mut checksum);
    alarms(&lines, &mut checksum);
    let address = compiled(r"(?-u)\b[0-9]{1,3}(\.[0-9]{1,3}){2}(\.[0-9]{1,3})\b");
    checksum.add(address.replace_all(&log, "0.0.0$2").as_bytes());
    let letters = compiled(r"\p{Greek}+|\p{Cyrillic}{2,}");
    checksum.add_number(letters.find_iter(&log).map(|found| found.as_str().chars().count() as u64).sum());
    checksum.finish()
}

/// Takes every line apart.
fn fields(log: &str, checksum: &mut Checksum) {
    for line in compiled(LINE).captures_iter(log) {
        for name in ["address", "user", "time", "method", "path", "status", "seconds"] {
            checksum.add(line[name].as_bytes());
        }
        checksum.add_number(line["bytes"].parse().unwrap_or(0));
    }
}

/// Finds which of several patterns match each line.
fn alarms(lines: &[&str], checksum: &mut Checksum) {
    let set = RegexSet::new(ALARMS).expect("the patterns are well-formed");
    for line in lines {
        for index in set.matches(line) {
            checksum.add_number(index as u64);
        }
    }
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is well-formed")
}
