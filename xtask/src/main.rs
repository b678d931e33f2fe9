//! `cargo xtask`: the pipeline from sample sources to tables, one file a task.

mod alone;
mod bench;
mod cache;
mod counters_table;
mod criterion;
mod engines;
mod exit;
mod families;
mod flags;
mod interrupt;
mod memory_table;
mod needs;
mod own_module;
mod patched;
mod paths;
mod probes;
mod progress;
mod run_report;
mod samples;
mod scale;
mod select;
mod selfcheck;
mod sheet;
mod strip_compare;
mod tables;
mod test;
mod toolchain;
mod verdicts;

use flags::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::read();
    let done = paths::Paths::find().and_then(|paths| match &cli.command {
        Command::Samples(args) => samples::run(args, &paths),
        Command::Bench(args) => bench::run(args, &paths),
        Command::StripCompare(args) => strip_compare::run(args, &paths),
        Command::Engines(args) => engines::run(args, &paths),
        Command::Selfcheck(args) => selfcheck::run(args, &paths),
        Command::Test(args) => test::run(args, &paths),
        Command::Load => selfcheck::load::run(),
    });
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            exit::Exit::NothingUseful.into()
        }
    }
}
