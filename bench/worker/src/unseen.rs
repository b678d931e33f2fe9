//! A module's bytes, different in every compilation: an engine that keeps compiled code by the module's content
//! would otherwise compile once, and be measured at finding what it has.

use std::cell::{Cell, Ref, RefCell};

/// The name of the custom section that makes them different.
const NAME: [u8; 19] = *b"wasm-phases counter";
/// The length of the section's content after the name.
const DIGITS: usize = 16;
/// What comes before the name: the section's id and length, and the name's length.
const SECTION_HEADER: [u8; 3] = [0, 36, 19];
/// The length of the header of a module: magic number and version.
const HEADER_BYTES: usize = 8;
const MAGIC: &[u8] = b"\0asm";

/// The bytes of a module.
#[derive(Debug)]
pub(crate) struct UnseenBytes {
    /// The module, and behind it the section where it can have one.
    bytes: RefCell<Vec<u8>>,
    module_bytes: usize,
    counter: Cell<u64>,
}

impl UnseenBytes {
    /// Bytes that are a module, or something else: only modules whose sections fill them can have one more.
    pub(crate) fn of(mut bytes: Vec<u8>) -> UnseenBytes {
        let module_bytes = bytes.len();
        if is_whole(&bytes) {
            bytes.extend(SECTION_HEADER);
            bytes.extend(NAME);
            bytes.extend([b'0'; DIGITS]);
        }
        UnseenBytes { bytes: RefCell::new(bytes), module_bytes, counter: Cell::new(0) }
    }

    /// The module as it was opened. What is made of it has the size that is stated.
    pub(crate) fn plain(&self) -> Ref<'_, [u8]> {
        Ref::map(self.bytes.borrow(), |bytes| &bytes[..self.module_bytes])
    }

    /// The module with a custom section that no module before it had in this process.
    pub(crate) fn unseen(&self) -> Ref<'_, [u8]> {
        self.counter.set(self.counter.get() + 1);
        {
            let mut bytes = self.bytes.borrow_mut();
            if bytes.len() > self.module_bytes {
                let digits = format!("{:0DIGITS$}", self.counter.get());
                let start = bytes.len() - DIGITS;
                bytes[start..].copy_from_slice(digits.as_bytes());
            }
        }
        Ref::map(self.bytes.borrow(), Vec::as_slice)
    }
}

/// Whether `bytes` are a module whose sections fill them exactly. Behind others, a section might complete what is
/// cut short.
fn is_whole(bytes: &[u8]) -> bool {
    if bytes.len() < HEADER_BYTES || !bytes.starts_with(MAGIC) {
        return false;
    }
    let mut at = HEADER_BYTES;
    while at < bytes.len() {
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            at += 1;
            let Some(byte) = bytes.get(at) else { return false };
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift >= 35 {
                return false;
            }
        }
        at += 1 + length;
    }
    at == bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty module with a custom section of its own.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\0\x02\x01a";

    #[test]
    fn every_compilation_gets_other_bytes_of_one_length_and_the_plain_ones_stay() {
        let bytes = UnseenBytes::of(MODULE.to_vec());
        let first = bytes.unseen().to_vec();
        let second = bytes.unseen().to_vec();
        assert!(first != second && first.len() == second.len() && first.starts_with(MODULE));
        assert!(is_whole(&first) && is_whole(&second));
        assert_eq!(&*bytes.plain(), MODULE);
    }

    #[test]
    fn what_is_no_whole_module_stays_as_it_is() {
        for other in [&MODULE[..MODULE.len() - 1], b"\0asm", b"{\"compile_us\":1}", b""] {
            assert_eq!(&*UnseenBytes::of(other.to_vec()).unseen(), other);
        }
    }
}
