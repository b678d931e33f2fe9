//! Ends with an exit code other than 0 after writing to both of its output streams.

fn main() {
    println!("to standard output");
    eprintln!("to standard error");
    std::process::exit(42);
}
