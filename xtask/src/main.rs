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

use cli::exit::Exit;
use cli::flags::{Cli, Command};
use host::paths::Paths;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::read();
    let found = Paths::find().map(|mut paths| {
        paths.engine_dirs.extend_from_slice(cli.command.engine_dirs());
        paths
    });
    let done = found.and_then(|paths| match &cli.command {
        Command::Samples(args) => commands::samples::run(args, &paths),
        Command::Bench(args) if args.own.wasm.is_empty() => commands::bench::run(args, &paths),
        Command::Bench(args) => commands::module::run(args, &paths),
        Command::StripCompare(args) => commands::strip_compare::run(args, &paths),
        Command::Engines(args) => commands::engines::run(args, &paths),
        Command::Selfcheck(args) => commands::selfcheck::run(args, &paths),
        Command::Test(args) => commands::test::run(args, &paths),
        Command::Load => selfcheck::cpu_hog::run(),
    });
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Exit::NothingUseful.into()
        }
    }
}
