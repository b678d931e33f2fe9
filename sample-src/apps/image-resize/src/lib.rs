//! The image crate decodes PNG images, makes them smaller and larger, and encodes them as PNG and
//! as JPEG: inflate and deflate, filters over rows of bytes, f32 convolution.

use common::Checksum;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageFormat, RgbaImage, load_from_memory_with_format};

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
    for picture in common::files(&PICTURES, size) {
        let picture = load_from_memory_with_format(picture, ImageFormat::Png).expect("the input is PNG");
        let picture = picture.into_rgba8();
        let (width, height) = picture.dimensions();
        let smaller = resize(&picture, width / 3, height / 3, FilterType::Triangle);
        checksum.add(smaller.as_raw());
        checksum.add(&png(&smaller));
        let larger = resize(&smaller, width / 2, height / 2, FilterType::CatmullRom);
        checksum.add(&jpeg(larger));
    }
    checksum.finish()
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut file)).expect("memory can be written to");
    file
}

fn jpeg(picture: RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    let opaque = DynamicImage::from(picture).into_rgb8();
    opaque.write_with_encoder(JpegEncoder::new(&mut file)).expect("memory can be written to");
    file
}
