//! The whole command line: the tasks and their options. The options of runs are in
//! [`measure`](super::measure).

use super::compare::CompareArgs;
use super::examples;
use super::invoke;
use super::measure::{BenchArgs, DiskArgs, EngineChoice, EngineDirs, Selection};
use super::values;
use crate::report::{ExportFormat, TableName};
use crate::samples::Variant;
use crate::selfcheck::CheckName;
use clap::{ArgAction, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Measures what each WebAssembly runtime costs, phase by phase.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
#[command(after_help = examples::TASKS)]
pub struct Cli {
    /// Options of every task.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every task.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct GlobalArgs {
    /// Print results and errors only: no progress, no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print the commands that are run and what they print
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colors
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub color: ColorChoice,
}

impl Cli {
    /// Reads the command line of this process.
    ///
    /// # Errors
    /// When it is wrong, or when it asks for help or the version.
    pub fn read() -> Result<Cli, clap::Error> {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        // Before anything is printed, complaints about the command line included.
        colors(&arguments).write_global();
        Cli::parse(arguments)
    }

    /// Reads `arguments`, the first of which is the program's name.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
        let matches = Cli::command().try_get_matches_from(invoke::separated(arguments))?;
        Cli::from_arg_matches(&matches)
    }
}

/// What `--color` says; a wrong value is complained about later.
fn colors(arguments: &[OsString]) -> anstream::ColorChoice {
    let mut texts =
        arguments.iter().filter_map(|argument| argument.to_str()).take_while(|text| *text != "--");
    let mut choice = None;
    while let Some(text) = texts.next() {
        choice = match text.split_once('=') {
            Some(("--color", value)) => Some(value),
            None if text == "--color" => texts.next(),
            _ => continue,
        };
    }
    match choice {
        Some("always") => anstream::ColorChoice::Always,
        Some("never") => anstream::ColorChoice::Never,
        _ => anstream::ColorChoice::Auto,
    }
}

/// The tasks, one file each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build samples to wasm and to native code, or list them
    Samples(SamplesArgs),
    /// Measure every phase of every engine on every sample
    Bench(Box<BenchArgs>),
    /// Print the summary and the tables of a run again, and write its page
    Report(ReportArgs),
    /// Compare two runs cell by cell, and fail where the second is slower
    Compare(CompareArgs),
    /// Show one cell over all runs of this machine, and where it changed its level
    History(HistoryArgs),
    /// Join the runs of several machines, the shares of one set of cases, to one run
    Merge(MergeArgs),
    /// Show what custom sections cost: bytes, artifacts, and for your own modules times
    StripCompare(StripCompareArgs),
    /// List the engines and their state, or build their workers
    Engines(EnginesArgs),
    /// Check that measurements on this machine can be trusted
    Selfcheck(SelfcheckArgs),
    /// Show what takes space, and remove build folders and old workers
    Clean(CleanArgs),
    /// Check formatting and lints, and test the workspace, the engines' workers and the pipeline
    Test(TestArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Keep a processor busy, for one of the checks of selfcheck
    #[command(hide = true)]
    Load,
}

impl Command {
    /// The shared libraries that the command line names.
    pub fn libraries(&self) -> &[PathBuf] {
        match self {
            Command::Bench(args) => &args.selection.engines.libraries,
            Command::StripCompare(args) => &args.selection.engines.libraries,
            Command::Engines(args) => &args.engines.libraries,
            Command::Selfcheck(args) => &args.engines.libraries,
            _ => &[],
        }
    }

    /// The engine folders that the command line names.
    pub fn engine_dirs(&self) -> &[PathBuf] {
        match self {
            Command::Bench(args) => &args.selection.engines.dirs.folders,
            Command::StripCompare(args) => &args.selection.engines.dirs.folders,
            Command::Engines(args) => &args.engines.dirs.folders,
            Command::Selfcheck(args) => &args.engines.dirs.folders,
            Command::Test(args) => &args.dirs.folders,
            Command::Samples(_)
            | Command::Report(_)
            | Command::Compare(_)
            | Command::History(_)
            | Command::Merge(_)
            | Command::Clean(_)
            | Command::Completions(_)
            | Command::Load => &[],
        }
    }

    /// Whether the command line asks for as little disk as possible.
    pub fn low_disk(&self) -> bool {
        match self {
            Command::Samples(args) => args.disk.low_disk,
            Command::Bench(args) => args.selection.engines.disk.low_disk,
            Command::StripCompare(args) => args.selection.engines.disk.low_disk,
            Command::Engines(args) => args.engines.disk.low_disk,
            Command::Selfcheck(args) => args.engines.disk.low_disk,
            Command::Test(args) => args.disk.low_disk,
            Command::Report(_)
            | Command::Compare(_)
            | Command::History(_)
            | Command::Merge(_)
            | Command::Clean(_)
            | Command::Completions(_)
            | Command::Load => false,
        }
    }
}

/// `cargo xtask samples`
#[derive(Debug, Args)]
#[command(after_help = examples::SAMPLES)]
pub struct SamplesArgs {
    /// Samples, separated by commas: names, names with `*` and `?`, or a group such as `@kernels`
    /// [default: @core; with --list, all]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub samples: Vec<String>,
    /// Variants of the wasm, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "stripped,unstripped", value_name = "NAME")]
    pub variants: Vec<Variant>,
    /// List the samples and what is in their modules; build nothing
    #[arg(long, conflicts_with = "bless")]
    pub list: bool,
    /// Print the list as JSON, with every module that is built
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Write the results of the native code to sample-src/expected.toml as the expected ones
    #[arg(long)]
    pub bless: bool,
    /// What stays of builds.
    #[command(flatten)]
    pub disk: DiskArgs,
}

/// `cargo xtask report`
#[derive(Debug, Args)]
#[command(after_help = examples::REPORT)]
pub struct ReportArgs {
    /// The run: its folder, or the folder's name in generated/results [default: the newest there]
    pub run: Option<PathBuf>,
    /// Print these tables above the summary, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub tables: Vec<TableName>,
    /// Print the summary as JSON
    #[arg(long, conflicts_with = "tables")]
    pub json: bool,
    /// Print the times in the format of another tool instead
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["tables", "json"])]
    pub export: Option<ExportFormat>,
    /// Write what --export prints to this file
    #[arg(long, value_name = "FILE", requires = "export")]
    pub output: Option<PathBuf>,
}

/// `cargo xtask history`
#[derive(Debug, Args)]
#[command(after_help = examples::HISTORY)]
pub struct HistoryArgs {
    /// What to look at: SAMPLE/ENGINE/PHASE, or SAMPLE:VARIANT:SIZE/ENGINE/PHASE, as in exports
    #[arg(value_name = "CELL")]
    pub cell: String,
    /// Divide every time by that of this engine in the same run [default: native code where every run
    /// has such a time, else the calibration kernel where all have the same one]
    #[arg(long, value_name = "ENGINE", conflicts_with = "times")]
    pub reference: Option<String>,
    /// Look for changes in the times themselves, which also change with the machine
    #[arg(long)]
    pub times: bool,
    /// Write the picture to this file [default: a file in generated/history]
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Print a line of CSV for each run
    #[arg(long)]
    pub csv: bool,
}

/// `cargo xtask merge`
#[derive(Debug, Args)]
#[command(after_help = examples::MERGE)]
pub struct MergeArgs {
    /// The runs, each on a machine of its own: folders, or names of folders in generated/results
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Write the joined run to this folder, which must not hold another run [default: a new folder in
    /// generated/results]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// `cargo xtask strip-compare`
#[derive(Debug, Args)]
#[command(after_help = examples::STRIP_COMPARE)]
pub struct StripCompareArgs {
    /// Which engines and samples.
    #[command(flatten)]
    pub selection: Selection,
    /// Your own modules instead of samples: bytes by section, artifacts, and the times of both
    #[arg(long, value_name = "FILE", conflicts_with = "samples")]
    pub wasm: Vec<PathBuf>,
    /// Drop custom sections and leave every other byte of the samples as it was; their variant `stripped` is
    /// encoded anew by walrus. Your own modules are always treated so
    #[arg(long)]
    pub exact: bool,
    /// Keep custom sections of this name, such as `name` or `.debug_*`; can be repeated
    #[arg(long, value_name = "SECTION")]
    pub keep: Vec<String>,
    /// Remove only custom sections of this name; can be repeated [default: all]
    #[arg(long, value_name = "SECTION")]
    pub remove: Vec<String>,
    /// Call this function, with its arguments, so that instances are measured, too; a command needs none
    #[arg(long, requires = "wasm", value_names = ["NAME", "ARG"], num_args = 1.., action = ArgAction::Set)]
    pub invoke: Vec<String>,
    /// The arguments that stood behind --invoke, one each: see [`invoke`](super::invoke).
    #[arg(long, hide = true, requires = "invoke", allow_hyphen_values = true)]
    pub invoke_argument: Vec<String>,
    /// Call nothing: for a command that needs arguments, input or folders
    #[arg(long, conflicts_with = "invoke")]
    pub compile_only: bool,
    /// How long each module is measured [default: 20s]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub time_budget: Option<Duration>,
    /// Show what each section takes, and start no engine
    #[arg(long)]
    pub bytes_only: bool,
}

/// `cargo xtask engines`
#[derive(Debug, Args)]
#[command(after_help = examples::ENGINES)]
pub struct EnginesArgs {
    /// Which engines.
    #[command(flatten)]
    pub engines: EngineChoice,
    /// Build the workers that are not built yet
    #[arg(long)]
    pub build: bool,
    /// Also print the settings and notes of every engine, and why one is unavailable; printed in any
    /// case where one engine is listed
    #[arg(long, conflicts_with = "json")]
    pub notes: bool,
    /// Print the list as JSON, with everything that is known
    #[arg(long)]
    pub json: bool,
    /// Show which features of WebAssembly and which calls of WASI preview 1 each built engine takes, found by small
    /// modules; also generated/features.csv
    #[arg(long, conflicts_with_all = ["notes", "build"])]
    pub features: bool,
    /// Show what each built engine costs whoever embeds it: the size of its program, crates, idle memory, release
    /// (--json has it for every engine)
    #[arg(long, conflicts_with_all = ["notes", "build", "features", "json"])]
    pub costs: bool,
    /// Show the options of each engine: NAME:OPTION=VALUE is an engine of its own
    #[arg(long, conflicts_with_all = ["notes", "build", "features", "costs"])]
    pub options: bool,
    /// Write a new engine folder to start from; its worker builds and passes the conformance suite
    #[arg(long, value_name = "DIR", conflicts_with_all = ["build", "notes", "json", "names", "exclude"])]
    pub new: Option<PathBuf>,
}

/// `cargo xtask selfcheck`
#[derive(Debug, Args)]
#[command(after_help = examples::SELFCHECK)]
pub struct SelfcheckArgs {
    /// Make only these checks, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    pub only: Vec<CheckName>,
    /// Add the checks that take long: reproducibility, four runs with pauses between them, and isolation
    #[arg(long)]
    pub long: bool,
    /// The pause between the runs of reproducibility, such as 60s or 10m
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = values::duration)]
    pub pause: Duration,
    /// Which engines.
    #[command(flatten)]
    pub engines: EngineChoice,
    /// Seed of the random orders
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// `cargo xtask clean`
#[derive(Debug, Args)]
#[command(after_help = examples::CLEAN)]
pub struct CleanArgs {
    /// Empty the cache folder: all workers, toolchains and downloads
    #[arg(long)]
    pub cache: bool,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `cargo xtask completions`
#[derive(Debug, Args)]
#[command(after_help = examples::COMPLETIONS)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `cargo xtask test`
#[derive(Debug, Args)]
#[command(after_help = examples::TEST)]
pub struct TestArgs {
    /// Only what needs no engine: formatting, lints and tests of the workspace
    #[arg(long, conflicts_with_all = ["all", "folders"])]
    pub fast: bool,
    /// Test every engine with every worker, and lint and test the code of every engine folder, which
    /// compiles every runtime a second time
    #[arg(long, conflicts_with = "folders")]
    pub all: bool,
    /// With --all, also test the engines whose folder says that they are heavy, for which continuous integration has no
    /// time
    #[arg(long, requires = "all")]
    pub heavy: bool,
    /// Folders whose engines are tested alone.
    #[command(flatten)]
    pub dirs: EngineDirs,
    /// What stays of builds.
    #[command(flatten)]
    pub disk: DiskArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn colors_are_known_before_the_rest_is_parsed() {
        let choice = |words: &[&str]| colors(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(choice(&["xtask", "bench", "--color=never"]), anstream::ColorChoice::Never);
        assert_eq!(choice(&["xtask", "--color", "always", "bench"]), anstream::ColorChoice::Always);
        assert_eq!(choice(&["xtask", "bench", "--", "--color", "always"]), anstream::ColorChoice::Auto);
    }
}
