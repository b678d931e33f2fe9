//! The standard HashMap and the allocator: hashing, probing, rehashing while the table grows,
//! and a heap block for each value, half of which are freed on the way.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

type Map = HashMap<u64, Vec<u32>, BuildHasherDefault<Fnv>>;

/// FNV-1a, since the standard hasher is seeded anew in each process.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Inserts `size` values, removes every other one, looks all of them up and returns what was
/// found, added up: the order of a map's entries depends on the width of a pointer.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut map = Map::default();
    for index in 0..size {
        map.entry(key(index)).or_default().extend([index, index ^ 0x5555, index.rotate_left(9)]);
    }
    for index in (0..size).step_by(2) {
        map.remove(&key(index));
    }
    let found = (0..size).filter_map(|index| map.get(&key(index))).map(|value| sum(value));
    let all = map.values().map(|value| sum(value));
    found.chain(all).fold(map.len() as u64, u64::wrapping_add)
}

/// Spreads indices over the whole range of keys; about one key in 16 comes twice.
fn key(index: u32) -> u64 {
    u64::from(index - index % 16 / 15).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn sum(values: &[u32]) -> u64 {
    values.iter().fold(0, |sum: u64, value| sum.wrapping_mul(31).wrapping_add(u64::from(*value)))
}
