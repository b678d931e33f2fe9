//! pulldown-cmark renders a long Markdown document, the changelog of tokio, as HTML: a parser
//! over text with many small slices, and string building.

use common::Checksum;
use pulldown_cmark::{Options, Parser, html};

const DOCUMENT: &str = include_str!("../../inputs/tokio-changelog.md");

/// Renders `size` KiB of Markdown and returns a checksum of the HTML.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut checksum = Checksum::default();
    for text in common::text(DOCUMENT, size) {
        let mut page = String::new();
        html::push_html(&mut page, Parser::new_ext(text, Options::all()));
        checksum.add(page.as_bytes());
    }
    checksum.finish()
}
