//! syn parses Rust and prettyplease formats it: a tokenizer, a recursive-descent parser that
//! allocates a tree, and a line breaker.

use common::Checksum;

/// Source files of syn itself.
const SOURCES: [&[u8]; 3] = [
    include_bytes!("../../inputs/syn-group.rs.txt"),
    include_bytes!("../../inputs/syn-stmt.rs.txt"),
    include_bytes!("../../inputs/syn-expr.rs.txt"),
];

/// Formats files of `size` KiB or more altogether and returns a checksum of the text.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut checksum = Checksum::default();
    for source in common::files(&SOURCES, size) {
        let source = str::from_utf8(source).expect("the input is UTF-8");
        let tree = syn::parse_file(source).expect("the input is Rust");
        checksum.add(prettyplease::unparse(&tree).as_bytes());
    }
    checksum.finish()
}
