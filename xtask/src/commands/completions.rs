//! `cargo xtask completions`: prints completions for a shell.

use crate::cli::exit::Exit;
use crate::cli::flags::{Cli, CompletionsArgs};
use crate::out;
use clap::CommandFactory;

/// The command that is completed: shells know a command by its first word, and `cargo` has its own.
const NAME: &str = "xtask";

/// Runs the task.
pub fn run(args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    out!("{}", String::from_utf8_lossy(&script));
    Exit::Done
}
