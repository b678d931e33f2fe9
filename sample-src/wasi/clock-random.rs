//! Clocks and random bytes: checks what a host gives, and prints only what every host must agree
//! about.

use std::collections::hash_map::{DefaultHasher, RandomState};
use std::hash::{BuildHasher, Hash, Hasher};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// 2020, which every machine is after.
const PAST: Duration = Duration::from_secs(1_577_836_800);

fn main() {
    let start = Instant::now();
    let mut last = start;
    let mut monotonic = true;
    for _ in 0..1000 {
        let now = Instant::now();
        monotonic &= now >= last;
        last = now;
    }
    println!("the clock never goes back: {}", said(monotonic));
    println!("the clock advances: {}", said(advances(start)));
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    println!("the date is after 2020: {}", said(since_epoch.is_ok_and(|time| time > PAST)));
    println!("the random bytes are not all zero: {}", said(seeded() != unseeded()));
}

/// A hash that depends on random bytes of the host.
fn seeded() -> u64 {
    RandomState::new().hash_one(0)
}

/// The same hash with zeros in their place.
fn unseeded() -> u64 {
    let mut hasher = DefaultHasher::new();
    0.hash(&mut hasher);
    hasher.finish()
}

/// Whether the clock moves on within many readings, however coarse it is.
fn advances(start: Instant) -> bool {
    (0..10_000_000).any(|_| start.elapsed() > Duration::ZERO)
}

fn said(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
