//! Arguments and environment: prints what the command was given, so that quoting, order and
//! non-ASCII text are seen to arrive.

fn main() {
    // The first argument is the command's own name, which is the host's choice.
    for (index, argument) in std::env::args().enumerate().skip(1) {
        println!("argument {index}: {argument:?}");
    }
    let mut variables: Vec<(String, String)> = std::env::vars().collect();
    variables.sort();
    for (name, value) in variables {
        println!("variable {name}: {value:?}");
    }
    println!("absent: {:?}", std::env::var_os("WASM_PHASES_ABSENT"));
}
