//! `cargo xtask selfcheck`: checks that measurements on this machine can be trusted.

use super::engine_choice;
use crate::cli::exit::Exit;
use crate::cli::flags::SelfcheckArgs;
use crate::host::paths::Paths;
use crate::run::plan::seed_of_now;
use crate::selfcheck::{self, CheckName, CheckOptions, Tally};
use anyhow::Result;

/// Runs the task.
///
/// # Errors
/// When nothing can be measured here, or results cannot be written.
pub fn run(args: &SelfcheckArgs, paths: &Paths) -> Result<Exit> {
    let checks = checks(args);
    let runtimes = engine_choice::read(&args.engines, engine_choice::DEFAULT, paths)?;
    let asked = CheckOptions {
        engines: &engine_choice::chosen(&args.engines, engine_choice::DEFAULT, &runtimes)?,
        build: !args.engines.names.is_empty(),
        pause: args.pause,
        seed: args.seed.unwrap_or_else(seed_of_now),
    };
    Ok(match selfcheck::run(&checks, asked, paths)? {
        Tally { interrupted: true, .. } => Exit::Interrupted,
        Tally { ok: 0, failed: 0, .. } => Exit::NothingUseful,
        Tally { failed: 0, .. } => Exit::Done,
        _ => Exit::SomeFailed,
    })
}

/// The checks that are asked for: by name, or all but the long ones.
fn checks(args: &SelfcheckArgs) -> Vec<CheckName> {
    if !args.only.is_empty() {
        return args.only.clone();
    }
    CheckName::ALL.into_iter().filter(|check| args.long || !check.is_long()).collect()
}
