//! `cargo xtask history CELL`: one cell over all runs of this machine, and where it changed its level.

use super::report::shown;
use crate::cli::exit::Exit;
use crate::cli::flags::HistoryArgs;
use crate::cli::values::wrong_value;
use crate::host::output;
use crate::host::paths::Paths;
use crate::report::{self, History, HistoryCell, HistoryQuestion};
use crate::{complain, out, outln, selfcheck};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Runs the task.
///
/// # Errors
/// When no run has the cell, or the picture cannot be written.
pub fn run(args: &HistoryArgs, paths: &Paths) -> Result<Exit> {
    let cell: HistoryCell =
        args.cell.parse().map_err(|reason: String| wrong_value("<CELL>", &args.cell, &reason))?;
    let question = HistoryQuestion { cell, reference: args.reference.clone(), times: args.times };
    let counts = |name: &str| !name.starts_with(selfcheck::RUN_PREFIX);
    let (reports, unreadable) = report::read_all(&paths.results(), counts, &question.cell);
    unreadable.iter().for_each(|why| complain!("left out: {why:#}"));
    let history = History::of(&reports, &question)?;
    let file = args.svg.clone().unwrap_or_else(|| picture_file(args, paths));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    std::fs::write(&file, report::history_picture(&history))
        .with_context(|| format!("writing {}", file.display()))?;
    if args.csv {
        out!("{}", super::csv_text(&history.rows()).context("writing the history as CSV")?);
    } else {
        out!("{}", history.text(output::width()));
        outln!("picture: {}", shown(&file));
    }
    Ok(if unreadable.is_empty() { Exit::Done } else { Exit::SomeFailed })
}

/// Where the picture goes: a file named by the cell, whatever letters that has.
fn picture_file(args: &HistoryArgs, paths: &Paths) -> PathBuf {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let name: String = args.cell.chars().map(|letter| if plain(letter) { letter } else { '-' }).collect();
    paths.generated.join("history").join(format!("{name}.svg"))
}
