//! A validated module together with its bytes, to which it refers.

use dlr_wasm_interpreter::{Module as Code, ValidationError, decode_and_validate};

/// A validated module, and its bytes.
pub struct Module {
    // Let go of before the bytes.
    /// What refers to the bytes.
    pub code: Code<'static>,
    _bytes: Box<[u8]>,
}

impl Module {
    /// Validates a copy of `wasm`.
    ///
    /// # Errors
    /// When it is no valid module.
    pub fn new(wasm: &[u8]) -> Result<Module, ValidationError> {
        let bytes: Box<[u8]> = Box::from(wasm);
        // SAFETY: `Module` owns the box, which does not move its bytes, and lets go of them after the code.
        let lasting: &'static [u8] = unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        Ok(Module { code: decode_and_validate(lasting, &mut ())?, _bytes: bytes })
    }
}
