//! Lets compiled code be registered: LLVM's JIT looks these functions of the program up by name.

/// Functions of LLVM's JIT that it calls through the program's dynamic symbols.
const LOOKED_UP: [&str; 2] =
    ["llvm_orc_registerEHFrameSectionAllocAction", "llvm_orc_deregisterEHFrameSectionAllocAction"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in LOOKED_UP {
        println!("cargo::rustc-link-arg-bins=-Wl,--undefined={name},--export-dynamic-symbol={name}");
    }
}
