//! `cargo xtask`: the pipeline from sample sources to tables, one file a task.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "host/output.rs prints")]

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
use host::interrupt;
use host::output::{self, ERROR, Verbosity, styled};
use host::paths::Paths;
use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = match Cli::read() {
        Ok(cli) => {
            output::set_verbosity(verbosity(&cli));
            interrupt::watch().and_then(|()| run(&cli.command))
        }
        Err(error) => Err(error.into()),
    };
    interrupt::give_way();
    let exit = exit.unwrap_or_else(|error| report(&error));
    match output::failure() {
        Some(error) => report(&anyhow::Error::from(error).context("writing to standard output")),
        None => exit,
    }
    .into()
}

fn verbosity(cli: &Cli) -> Verbosity {
    match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Usual,
    }
}

fn run(command: &Command) -> anyhow::Result<Exit> {
    let mut paths = Paths::find()?;
    paths.engine_dirs.extend_from_slice(command.engine_dirs());
    paths.libraries.extend_from_slice(command.libraries());
    paths.low_disk |= command.low_disk();
    match command {
        Command::Samples(args) => commands::samples::run(args, &paths),
        Command::Bench(args) => match &args.like {
            Some(run) => commands::like::run(args, run, &paths),
            None if args.own.is_asked() => commands::module::run(args, &paths),
            None => commands::bench::run(args, &paths),
        },
        Command::Report(args) => commands::report::run(args, &paths),
        Command::Compare(args) => commands::compare::run(args, &paths),
        Command::History(args) => commands::history::run(args, &paths),
        Command::Merge(args) => commands::merge::run(args, &paths),
        Command::StripCompare(args) => commands::strip_compare::run(args, &paths),
        Command::Engines(args) => commands::engines::run(args, &paths),
        Command::Selfcheck(args) => commands::selfcheck::run(args, &paths),
        Command::Clean(args) => commands::clean::run(args, &paths),
        Command::Test(args) => commands::test::run(args, &paths),
        Command::Completions(args) => Ok(commands::completions::run(args)),
        Command::Load => selfcheck::cpu_hog::run(),
    }
}

/// Prints what went wrong: wrong usage in clap's format, everything else on one line.
fn report(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<clap::Error>() {
        Some(usage) => {
            // Nothing can be done about a closed pipe.
            let _ = usage.print();
            if usage.use_stderr() { Exit::WrongUsage } else { Exit::Done }
        }
        None => {
            complain!("{} {error:#}", styled(ERROR, "error:"));
            Exit::NothingUseful
        }
    }
}
