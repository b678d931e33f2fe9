//! `cargo xtask`: the pipeline from sample sources to tables, one file a task.

mod cache;
mod flags;
mod needs;
mod paths;
mod progress;
mod samples;
mod select;

use clap::Parser;

fn main() {
    let _ = flags::Cli::parse();
}
