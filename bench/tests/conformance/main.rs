//! What every worker must do, tested through the real protocol.
//!
//! The file named by `WASM_PHASES_WORKERS` lists the workers (`bench::plan::workers_file`). `cargo xtask test`
//! builds them and writes it. Without the variable there is nothing to test, which is printed,
//! and is a failure where `WASM_PHASES_REQUIRE_WORKERS` is 1.
//!
//! Modules are MVP, since the oldest engines take nothing else. No test looks at how long
//! anything takes.

mod artifacts;
mod before_the_call;
mod capabilities;
mod marks;
mod readings;
mod rejection;
mod results;
mod session;
mod state;
mod subject;
mod traps;
mod wasi;
mod workers;
