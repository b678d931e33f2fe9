//! Steps of a long command. Each is one line on standard error; what its programs print goes to a log, and
//! is shown where a program fails.

use super::output::{Verbosity, is_at_least};
use super::progress;
use crate::{complain, detail, note};
use anyhow::{Context, Error, Result, ensure};
use indicatif::ProgressBar;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What is shown of a program that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOutput {
    /// Everything that it printed.
    Whole,
    /// What the compiler did not merely warn of. Crates of others may have thousands of warnings, which
    /// stay in the log.
    WithoutWarnings,
}

/// A step under way.
pub struct LoggedStep<'a> {
    name: &'a str,
    log: &'a Path,
    log_begun: bool,
    /// Shows that a program is running; from the first one on.
    spinner: Option<ProgressBar>,
    /// What is shown of the programs that failed.
    failed: String,
}

/// Does the step `name`: says in one line how long it took, or that it failed, and then shows the output
/// of the programs that failed. All output goes to the file `log`.
///
/// # Errors
/// That of `work`, with the step's name and its log.
pub fn run(name: &str, log: &Path, work: impl FnOnce(&mut LoggedStep<'_>) -> Result<()>) -> Result<()> {
    let start = Instant::now();
    let mut step = LoggedStep { name, log, log_begun: false, spinner: None, failed: String::new() };
    let result = work(&mut step);
    if let Some(spinner) = step.spinner.take() {
        spinner.finish_and_clear();
    }
    let took = seconds(start.elapsed());
    match result {
        Ok(()) => note!("== {name} … {took}"),
        Err(_) => complain!("== {name} … failed after {took}\n{}", step.failed),
    }
    result.map_err(|error| step.named(error))
}

impl LoggedStep<'_> {
    /// Runs `command` to its end.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed.
    pub fn run(&mut self, command: &mut Command, shown: FailureOutput) -> Result<()> {
        let status = self.status(command, shown)?;
        ensure!(status.success(), "`{}` ended with {status}", words(command));
        Ok(())
    }

    /// Runs `command` to its end and says how it ended.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn status(&mut self, command: &mut Command, shown: FailureOutput) -> Result<ExitStatus> {
        let (status, printed) = if is_at_least(Verbosity::Verbose) {
            detail!("running {command:?}");
            let status = command.status().with_context(|| format!("starting {}", words(command)))?;
            (status, String::new())
        } else {
            self.run_into_log(command)?
        };
        if !status.success() {
            self.failed.push_str(&match shown {
                FailureOutput::Whole => printed,
                FailureOutput::WithoutWarnings => without_warnings(&printed),
            });
        }
        Ok(status)
    }

    /// Runs `command` with its output appended to the log, and gives that output.
    fn run_into_log(&mut self, command: &mut Command) -> Result<(ExitStatus, String)> {
        let writing = || format!("writing {}", self.log.display());
        fs::create_dir_all(self.log.parent().unwrap_or(self.log)).with_context(writing)?;
        let mut options = File::options();
        options.create(true).append(true);
        if !self.log_begun {
            // An older run's.
            let _ = fs::remove_file(self.log);
        }
        let mut log = options.open(self.log).with_context(writing)?;
        writeln!(log, "$ {}", words(command)).with_context(writing)?;
        let before = log.metadata().with_context(writing)?.len();
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.spinner.get_or_insert_with(|| progress::spinner(self.name));
        let status = command.status().with_context(|| format!("starting {}", words(command)));
        let bytes = fs::read(self.log).with_context(|| format!("reading {}", self.log.display()))?;
        self.log_begun = true;
        let own = bytes.get(usize::try_from(before)?..).unwrap_or_default();
        Ok((status?, String::from_utf8_lossy(own).into_owned()))
    }

    fn named(&self, error: Error) -> Error {
        let log = if self.log_begun { format!(" (log: {})", self.log.display()) } else { String::new() };
        error.context(format!("step failed: {}{log}", self.name))
    }
}

/// A command as a person would type it.
fn words(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = [program].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// What a compiler printed, without its warnings: each ends at an empty line.
fn without_warnings(text: &str) -> String {
    let mut kept = String::new();
    let mut in_warning = false;
    for line in text.lines() {
        in_warning = line.starts_with("warning") || (in_warning && !line.starts_with("error"));
        if !in_warning {
            kept.push_str(line);
            kept.push('\n');
        }
        in_warning &= !line.is_empty();
    }
    kept
}

/// A duration for people, in whole seconds.
fn seconds(duration: Duration) -> String {
    match (duration.as_secs() / 60, duration.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_goes_to_the_log_and_only_that_of_what_failed_is_shown() {
        let logs = tempfile::tempdir().unwrap();
        let log = logs.path().join("new/step.log");
        let mut shown = String::new();
        let error = run("letters", &log, |step| {
            step.run(&mut shell("echo fine"), FailureOutput::Whole)?;
            let failed = step.run(&mut shell("echo out; echo err >&2; exit 3"), FailureOutput::Whole);
            shown.clone_from(&step.failed);
            failed
        });
        assert_eq!(shown, "out\nerr\n");
        let text = fs::read_to_string(&log).unwrap();
        assert!(text.contains("$ sh -c echo fine\nfine\n") && text.ends_with("out\nerr\n"), "{text}");
        let error = format!("{:#}", error.unwrap_err());
        let expected = format!("step failed: letters (log: {}): `sh -c ", log.display());
        assert!(error.starts_with(&expected) && error.ends_with("ended with exit status: 3"), "{error}");

        run("letters", &log, |step| step.run(&mut shell("echo new"), FailureOutput::Whole)).unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "$ sh -c echo new\nnew\n");
    }

    #[test]
    fn warnings_are_left_out_of_what_is_shown() {
        let text = "    Checking a v1.0.0\nwarning: unused\n --> a.rs\n  |\n1 | x\n  | ^\n\nwarning: `a` has 1 warning\n\
            error: wrong\n --> b.rs\n  |\n\nerror: could not compile\n";
        let shown = "    Checking a v1.0.0\nerror: wrong\n --> b.rs\n  |\n\nerror: could not compile\n";
        assert_eq!(without_warnings(text), shown);
    }

    #[test]
    fn long_steps_are_given_in_minutes() {
        assert_eq!(seconds(Duration::from_millis(59_900)), "59 s");
        assert_eq!(seconds(Duration::from_secs(605)), "10 min 5 s");
    }
}
