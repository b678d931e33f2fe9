//! BLAKE3 over a file and Argon2 over a password: 32-bit and 64-bit integer arithmetic, and
//! reads all over a large memory.

use argon2::{Algorithm, Argon2, Params, Version};
use common::Checksum;

const FILE: &[u8] = include_bytes!("../../inputs/tokio-changelog.md");

/// Hashes `size` KiB with BLAKE3 as a stream, and a password with Argon2id in `size` KiB of
/// memory (at least 8, as the algorithm wants), and returns a checksum of both.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut checksum = Checksum::default();
    checksum.add(blake3(size as usize * 1024).as_bytes());
    checksum.add(&argon2(size.max(Params::MIN_M_COST)));
    checksum.finish()
}

fn blake3(bytes: usize) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..bytes / FILE.len() {
        hasher.update(FILE);
    }
    hasher.update(&FILE[..bytes % FILE.len()]);
    hasher.finalize()
}

fn argon2(kib: u32) -> [u8; 32] {
    let parameters = Params::new(kib, 1, 1, Some(32)).expect("the parameters are allowed");
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(b"correct horse battery staple", b"sixteen salt byt", &mut key)
        .expect("password and salt are long enough");
    key
}
