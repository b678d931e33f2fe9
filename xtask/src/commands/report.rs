//! `cargo xtask report`: writes a run's page and prints its summary and tables again, from its files
//! alone.

use crate::cli::exit::Exit;
use crate::cli::flags::ReportArgs;
use crate::host::output;
use crate::host::paths::Paths;
use crate::report::{ExportFormat, RunOverview, RunPlace, RunReport, TableName};
use crate::{complain, out, outln, report, selfcheck};
use anyhow::{Context, Result};
use std::path::Path;

/// Runs the task.
///
/// # Errors
/// When there is no such run, or it cannot be read.
pub fn run(args: &ReportArgs, paths: &Paths) -> Result<Exit> {
    // The runs of selfcheck are many, and parts of its checks.
    let counts = |name: &str| !name.starts_with(selfcheck::RUN_PREFIX);
    let folder = report::find(args.run.as_deref(), &paths.results(), counts)?;
    let found = RunReport::read(&folder)?;
    if let Some(format) = args.export {
        return export(&found, format, args.output.as_deref());
    }
    if args.json {
        let overview = RunOverview::of(&found, &place(&folder, paths));
        outln!("{}", serde_json::to_string_pretty(&overview).context("writing the summary as JSON")?);
        return Ok(Exit::Done);
    }
    Ok(if show(&found, &args.tables, paths) { Exit::Done } else { Exit::SomeFailed })
}

/// Prints the times of `found` in the format of another tool, or writes them to `file`.
fn export(found: &RunReport, format: ExportFormat, file: Option<&Path>) -> Result<Exit> {
    let absolute = std::path::absolute(&found.folder).unwrap_or_else(|_| found.folder.clone());
    let name =
        absolute.file_name().map_or_else(|| "run".to_owned(), |name| name.to_string_lossy().into_owned());
    let text = report::export(found, format, &name);
    match file {
        Some(file) => std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))?,
        None => out!("{text}"),
    }
    Ok(Exit::Done)
}

/// Writes the page and the Markdown of `found`, and prints its summary below the tables that are asked for.
/// Says whether the files could be written: what is printed does not depend on them.
pub fn show(found: &RunReport, asked: &[TableName], paths: &Paths) -> bool {
    let place = place(&found.folder, paths);
    let written = report::write(found, &place);
    out!("{}", report::render(found, asked, &place, output::width()));
    written.inspect_err(|error| complain!("{} was not written: {error:#}", report::PAGE_FILE)).is_ok()
}

/// How the run in `folder` is named on a command line and in messages.
fn place(folder: &Path, paths: &Paths) -> RunPlace {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = match absolute.strip_prefix(paths.results()) {
        Ok(name) if !name.as_os_str().is_empty() => name.display().to_string(),
        _ => shown(&absolute),
    };
    RunPlace { name: quoted(&name), files: shown(&absolute) }
}

/// `folder` as a person would write it: relative to the current one where it is inside.
pub fn shown(folder: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match folder.strip_prefix(&here) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => folder.display().to_string(),
    }
}

/// `text` as a word of a shell's command line.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-:+".contains(letter);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_among_the_results_is_named_by_its_folder_and_another_by_its_path() {
        let paths = Paths { generated: "/else/generated".into(), ..Paths::default() };
        let place = |folder: &str| place(Path::new(folder), &paths);
        assert_eq!(place("/else/generated/results/a").name, "a");
        assert_eq!(place("/else/generated/results/a").files, "/else/generated/results/a");
        assert_eq!(place("/else/of the user/a").name, "'/else/of the user/a'");
    }
}
