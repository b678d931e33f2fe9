//! wasmparser validates WebAssembly modules and wasmprinter prints them as text: LEB128 decoding,
//! a large match over opcodes, and a stack of types.

use common::Checksum;
use wasmparser::Validator;

/// Other samples, as the compiler made them, without debug information.
const MODULES: [&[u8]; 4] = [
    include_bytes!("../../inputs/nbody.wasm"),
    include_bytes!("../../inputs/sha256.wasm"),
    include_bytes!("../../inputs/strings.wasm"),
    include_bytes!("../../inputs/markdown.wasm"),
];

/// Validates and prints modules of `size` KiB or more altogether, and returns a checksum of the
/// text.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut checksum = Checksum::default();
    for module in common::files(&MODULES, size) {
        let types = Validator::new().validate_all(module).expect("the module is valid");
        checksum.add_number(u64::from(types.as_ref().function_count()));
        let text = wasmprinter::print_bytes(module).expect("the module is well-formed");
        checksum.add(text.as_bytes());
    }
    checksum.finish()
}
