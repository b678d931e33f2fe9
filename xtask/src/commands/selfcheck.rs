//! `cargo xtask selfcheck`: checks that measurements on this machine can be trusted.

use super::engine_choice;
use crate::cli::exit::Exit;
use crate::cli::flags::SelfcheckArgs;
use crate::cli::{select, values};
use crate::engines;
use crate::host::paths::Paths;
use crate::run::plan::seed_of_now;
use crate::selfcheck::{self, CheckOptions, Tally};
use anyhow::Result;

/// Runs the task.
///
/// # Errors
/// When nothing can be measured here, or results cannot be written.
pub fn run(args: &SelfcheckArgs, paths: &Paths) -> Result<Exit> {
    let checks = checks(args)?;
    let runtimes = engines::read(paths)?;
    let wanted = engine_choice::expanded(&args.engines, &runtimes)?;
    let asked = CheckOptions {
        engines: &select::select("engine", &wanted, &engines::names(&runtimes))?,
        build: !args.engines.is_empty(),
        pause: values::duration(&args.pause)?,
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
fn checks(args: &SelfcheckArgs) -> Result<Vec<&'static str>> {
    let known = selfcheck::names();
    if args.only.is_empty() {
        return Ok(known.into_iter().filter(|(_, long)| args.long || !long).map(|(name, _)| name).collect());
    }
    select::select("check", &args.only, &known.map(|(name, _)| name))
}
