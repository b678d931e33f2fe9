//! The crate png decodes images, resize makes them smaller and larger, and png encodes them
//! again: inflate and deflate, filters over rows of bytes, f32 convolution.

use common::Checksum;
use png::{BitDepth, ColorType, Decoder, Encoder};
use resize::{Pixel, Type};
use rgb::{FromSlice, RGBA8};
use std::io::Cursor;

/// One picture in four sizes.
const PICTURES: [&[u8]; 4] = [
    include_bytes!("../../inputs/graphosaurus-64.png"),
    include_bytes!("../../inputs/graphosaurus-128.png"),
    include_bytes!("../../inputs/graphosaurus-256.png"),
    include_bytes!("../../inputs/graphosaurus-512.png"),
];

/// Converts pictures of `size` KiB or more altogether and returns a checksum of all that was made.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut checksum = Checksum::default();
    for file in common::files(&PICTURES, size) {
        let picture = decoded(file).expect("the input is PNG");
        let smaller = resized(&picture, [picture.width / 3, picture.height / 3], Type::Triangle);
        let larger = resized(&smaller, [picture.width / 2, picture.height / 2], Type::Catrom);
        for made in [smaller, larger] {
            checksum.add(&encoded(&made).expect("memory can be written to"));
        }
    }
    checksum.finish()
}

/// Rows of pixels.
struct Picture {
    width: usize,
    height: usize,
    /// Red, green, blue and opacity of each pixel.
    bytes: Vec<u8>,
}

fn decoded(file: &[u8]) -> Result<Picture, png::DecodingError> {
    let mut reader = Decoder::new(Cursor::new(file)).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().unwrap_or_default()];
    let frame = reader.next_frame(&mut bytes)?;
    assert_eq!((frame.color_type, frame.bit_depth), (ColorType::Rgba, BitDepth::Eight));
    Ok(Picture { width: frame.width as usize, height: frame.height as usize, bytes })
}

fn resized(picture: &Picture, [width, height]: [usize; 2], filter: Type) -> Picture {
    let mut pixels = vec![RGBA8::default(); width * height];
    resize::new(picture.width, picture.height, width, height, Pixel::RGBA8P, filter)
        .and_then(|mut resizer| resizer.resize(picture.bytes.as_rgba(), &mut pixels))
        .expect("the sizes fit");
    let bytes = pixels.into_iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a]).collect();
    Picture { width, height, bytes }
}

fn encoded(picture: &Picture) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width as u32, picture.height as u32);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.bytes)?;
    writer.finish()?;
    Ok(file)
}
