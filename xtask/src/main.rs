//! `cargo xtask`: the pipeline from sample sources to tables, one file a task.

mod cli;
mod commands;
mod engines;
mod host;
mod own_module;
mod report;
mod run;
mod samples;
mod selfcheck;
mod toolchain;

use cli::exit;
use cli::flags::{Cli, Command};
use commands::{bench, strip_compare, test};
use host::paths;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::read();
    let done = paths::Paths::find().and_then(|paths| match &cli.command {
        Command::Samples(args) => samples::run(args, &paths),
        Command::Bench(args) => bench::run(args, &paths),
        Command::StripCompare(args) => strip_compare::run(args, &paths),
        Command::Engines(args) => commands::engines::run(args, &paths),
        Command::Selfcheck(args) => selfcheck::run(args, &paths),
        Command::Test(args) => test::run(args, &paths),
        Command::Load => selfcheck::cpu_hog::run(),
    });
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            exit::Exit::NothingUseful.into()
        }
    }
}
