//! miniz_oxide (DEFLATE at the usual level) and snap (Snappy) compress text and restore it: hash
//! tables, bit buffers, match copying.

use common::Checksum;

const TEXT: &str = include_str!("../../inputs/tokio-changelog.md");

/// zlib's default.
const LEVEL: u8 = 6;

/// Compresses and restores `size` KiB in one piece and returns a checksum of both.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let input: String = common::text(TEXT, size).collect();
    let mut checksum = Checksum::default();
    let deflated = miniz_oxide::deflate::compress_to_vec_zlib(input.as_bytes(), LEVEL);
    let restored = miniz_oxide::inflate::decompress_to_vec_zlib(&deflated).expect("it was just made");
    checksum.add(&deflated);
    checksum.add(&restored);
    let packed = snap::raw::Encoder::new().compress_vec(input.as_bytes()).expect("the input is short enough");
    let restored = snap::raw::Decoder::new().decompress_vec(&packed).expect("it was just made");
    checksum.add(&packed);
    checksum.add(&restored);
    checksum.finish()
}
