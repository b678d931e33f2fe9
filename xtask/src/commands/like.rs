//! `cargo xtask bench --like RUN`: the cases of an earlier run once more, somebody else's perhaps, with its settings
//! and its seed, and what differs between here and there.

use super::report::shown;
use super::{bench, module};
use crate::cli::exit::Exit;
use crate::cli::flags::{Cli, Command};
use crate::cli::measure::BenchArgs;
use crate::cli::shard::ShardChoice;
use crate::host::paths::Paths;
use crate::report::{self, RunReport};
use crate::run::folder;
use crate::{note, selfcheck};
use ::bench::plan::Shard;
use ::bench::record::ShardFacts;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// The run's own copies of the user's modules.
const MODULES: &str = "modules";
/// How many runs may have been made like one another.
const MOST_STEPS: usize = 20;

/// Runs the task.
///
/// # Errors
/// When there is no such run, when it was not made by `bench`, or as `bench`.
pub fn run(args: &BenchArgs, like: &Path, paths: &Paths) -> Result<Exit> {
    let (base, again) = first(like, paths)?;
    let mut paths = paths.clone();
    paths.engine_dirs.extend_from_slice(&again.selection.engines.dirs.folders);
    paths.libraries.extend_from_slice(&again.selection.engines.libraries);
    paths.low_disk |= again.selection.engines.disk.low_disk;
    let output = match &args.output {
        Some(folder) => folder.clone(),
        None => folder::new_run_folder(&paths, "")?,
    };
    let again = BenchArgs {
        seed: Some(base.run.seed),
        shard: base.run.shard.as_ref().map(chosen).or(again.shard),
        output: Some(output.clone()),
        save_baseline: args.save_baseline.clone(),
        tables: args.tables.clone(),
        dry_run: args.dry_run,
        ..with_modules_of(again, &base.folder)
    };
    note!("as {}: cargo xtask {}", shown(&base.folder), base.run.arguments.join(" "));
    let exit = if again.own.is_asked() { module::run(&again, &paths)? } else { bench::run(&again, &paths)? };
    if !again.dry_run && matches!(exit, Exit::Done | Exit::SomeFailed) {
        say_what_differs(&base, &output)?;
    }
    Ok(exit)
}

/// The share of the cases that a run had, whatever the environment says now.
fn chosen(shard: &ShardFacts) -> ShardChoice {
    ShardChoice::Of(Shard { number: shard.number, count: shard.count })
}

/// The run that `like` names, or the one that it was made like, and its command line.
fn first(like: &Path, paths: &Paths) -> Result<(RunReport, BenchArgs)> {
    let mut like = like.to_owned();
    for _ in 0..MOST_STEPS {
        let counts = |name: &str| !name.starts_with(selfcheck::RUN_PREFIX);
        let base = RunReport::read(&report::find(Some(&like), &paths.results(), counts)?)?;
        let again = command_line(&base)?;
        match again.like {
            None => return Ok((base, again)),
            Some(earlier) => like = earlier,
        }
    }
    bail!("{} was made like a run that was made like another, too often", like.display())
}

/// The command line that made `base`.
///
/// # Errors
/// When it was not made by `bench`.
pub(super) fn command_line(base: &RunReport) -> Result<BenchArgs> {
    let arguments = std::iter::once("xtask".to_owned()).chain(base.run.arguments.iter().cloned());
    let Ok(cli) = Cli::parse(arguments.map(Into::into)) else {
        bail!("{} was made by a command line of another version", base.folder.display());
    };
    match cli.command {
        Command::Bench(args) if !args.criterion => Ok(*args),
        _ => bail!("{} was not made by `cargo xtask bench`", base.folder.display()),
    }
}

/// Modules that are not where they were are taken from the run's own copies.
fn with_modules_of(mut again: BenchArgs, folder: &Path) -> BenchArgs {
    let copy =
        |file: &PathBuf| Some(folder.join(MODULES).join(file.file_name()?)).filter(|copy| copy.exists());
    for file in &mut again.own.wasm {
        if let Some(copy) = copy(file).filter(|_| !file.exists()) {
            *file = copy;
        }
    }
    again
}

fn say_what_differs(base: &RunReport, output: &Path) -> Result<()> {
    let new = RunReport::read(output)?;
    for difference in report::differences(base, &new) {
        note!("differs, {}: {}", difference.what, difference.how);
    }
    note!("compare: cargo xtask compare {} {}", shown(&base.folder), shown(output));
    Ok(())
}
