//! Lets shared objects that Lucet has compiled find the runtime's functions in this program.

fn main() {
    println!("cargo:rustc-link-arg-bins=-rdynamic");
}
