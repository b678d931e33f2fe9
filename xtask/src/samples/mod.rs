//! `cargo xtask samples`: from sample sources to wasm files, native libraries and their manifest.
