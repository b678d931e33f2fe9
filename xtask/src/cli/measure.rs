//! The options that say what is measured and how: engines, samples, effort, and modules of the
//! user's own.

use super::examples;
use super::phase_choice::PhaseChoice;
use super::shard::ShardChoice;
use super::values;
use crate::report::TableName;
use crate::samples::{SizeName, Variant};
use bench::record::CounterSource;
use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Engines that are asked for; shared by every command that takes engines.
#[derive(Clone, Debug, Default, Args)]
pub struct EngineChoice {
    /// Engines, separated by commas: configurations, runtimes for their usual configuration, names
    /// with `*` and `?`, names with options (NAME:OPTION=VALUE) or of a version
    /// (NAME@VERSION; engines --options lists both), or a group: @all, @default, @jit, @aot, @interpreter, @baseline, @native [default:
    /// @default; for engines, @all; for selfcheck, the cheapest of @default that are built]
    #[arg(long = "engines", value_delimiter = ',', value_name = "NAME")]
    pub names: Vec<String>,
    /// Leave these engines out; written as for --engines
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub exclude: Vec<String>,
    /// A TOML file that names sets of engines, such as `mine = ["NAME:OPTION=VALUE", "@jit"]`; --engines @mine
    /// asks for one
    #[arg(long = "engine-sets", value_name = "FILE")]
    pub sets: Option<PathBuf>,
    /// Measure this shared library, which has the standard C API (wasm.h), beside the engines of --engines; it is
    /// called NAME [default: c-api- and the file's name]; can be repeated
    #[arg(long = "c-api", value_name = "LIB[=NAME]")]
    pub libraries: Vec<PathBuf>,
    /// Compile on one thread, or on one for each processor, in every engine that offers the choice; the others
    /// stay as they are
    #[arg(long, value_name = "1|all")]
    pub compile_threads: Option<CompileThreads>,
    /// Folders of further engines.
    #[command(flatten)]
    pub dirs: EngineDirs,
    /// What stays of their builds.
    #[command(flatten)]
    pub disk: DiskArgs,
}

/// How many threads engines compile on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompileThreads {
    /// One.
    #[value(name = "1")]
    One,
    /// One for each processor.
    All,
}

/// What stays of builds; shared by every command that builds.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DiskArgs {
    /// Remove each build folder as soon as its program is built. It takes little disk, but a worker
    /// that changes is compiled from the start; the variable WASM_PHASES_LOW_DISK asks for it too
    #[arg(long)]
    pub low_disk: bool,
}

/// Engine folders outside the checkout; shared by every command that takes engines.
#[derive(Clone, Debug, Default, Args)]
pub struct EngineDirs {
    /// Add this engine folder, from outside the checkout; can be repeated. With a label its engines are called
    /// NAME@LABEL, so that two builds of one can be compared. The variable WASM_PHASES_ENGINE_DIR names
    /// folders too, separated by colons
    #[arg(long = "engine-dir", value_name = "[LABEL=]DIR")]
    pub folders: Vec<PathBuf>,
}

/// What to measure; shared by every command that measures.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Which engines.
    #[command(flatten)]
    pub engines: EngineChoice,
    /// Samples, separated by commas: names, names with `*` and `?`, or a group such as `@kernels`
    /// [default: @core]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub samples: Vec<String>,
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
#[command(after_help = examples::BENCH)]
pub struct BenchArgs {
    /// Which engines and samples.
    #[command(flatten)]
    pub selection: Selection,
    /// Variants of the wasm, separated by commas: `oz` and `o4` are made by wasm-opt, `modern` has
    /// the compiler's default features, `simd` also 128-bit SIMD [default: stripped; the real programs of
    /// the default samples also modern, except with --quick]
    #[arg(long, value_delimiter = ',', value_name = "NAME", hide_default_value = true)]
    pub variants: Vec<Variant>,
    /// Which of each sample's arguments
    #[arg(long, default_value = "small", value_name = "SIZE")]
    pub size: SizeName,
    /// Make few rounds, in a minute or two: values and ranges; no verdicts, no cold starts
    #[arg(long)]
    pub quick: bool,
    /// Add rounds until every ratio is known this well, such as 2%, or time is up
    /// [default: 2%; not with --quick]
    #[arg(long, value_name = "PERCENT", value_parser = values::fraction)]
    pub precision: Option<f64>,
    /// Stop adding rounds after this long, such as 90s or 10m [default: 10m; none with --quick]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub time_budget: Option<Duration>,
    /// The longest wait for an engine's answer, such as 10s; what takes longer fails [default: 2m]
    #[arg(long, value_name = "TIME", value_parser = values::positive_duration)]
    pub limit: Option<Duration>,
    /// Bind the workers to this processor, with all of their threads
    #[arg(long, value_name = "CPU")]
    pub pin: Option<usize>,
    /// Count rounds that shared the machine with other work, instead of repeating them
    #[arg(long)]
    pub keep_disturbed: bool,
    /// Measure only these, separated by commas: parse, compile, save, load, instantiate, call, cold. What is
    /// left out takes no time; memory is read only where everything is measured [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAME", hide_possible_values = true)]
    pub phases: Vec<PhaseChoice>,
    /// Also read the first calls of every engine, one by one, and say from which call on they are steady; engines
    /// with tiers are always asked
    #[arg(long)]
    pub warm_up: bool,
    /// Do not measure the peak memory of the phases, which takes processes of its own
    #[arg(long)]
    pub no_memory: bool,
    /// Also count the instructions of every phase: `perf` uses the system's counters; `callgrind` is
    /// slow and gives nearly the same figure every time (for continuous integration)
    #[arg(long, value_name = "SOURCE", hide_possible_values = true)]
    pub counters: Option<CounterChoice>,
    /// Seed of the random order; recorded in run.json
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Measure this share of the cases, such as 2/4: every case with all engines, the variants of a sample
    /// together; `cargo xtask merge` joins the runs of all shares. `auto` takes K and N from the variables of
    /// a workflow, a Slurm array or a Kubernetes indexed job
    #[arg(long, value_name = "K/N", conflicts_with_all = ["wasm", "suite", "criterion"])]
    pub shard: Option<ShardChoice>,
    /// Measure the cases of this run once more, with its settings and seed, and say what differs between then
    /// and now; a folder, or a name in generated/results
    #[arg(long, value_name = "RUN", conflicts_with_all = ["names", "exclude", "samples", "variants", "size", "quick", "precision", "time_budget", "limit", "pin", "keep_disturbed", "phases", "warm_up", "no_memory", "counters", "seed", "shard", "wasm", "suite", "criterion"])]
    pub like: Option<PathBuf>,
    /// Write the run to this folder, which must not hold another run [default: a new folder in
    /// generated/results]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Keep the run under this name for `cargo xtask compare --baseline`; a run that has the name
    /// already is replaced
    #[arg(long, value_name = "NAME", value_parser = values::baseline_name)]
    pub save_baseline: Option<String>,
    /// Print these tables above the summary, separated by commas: all, or names of
    /// `cargo xtask report --help` [default: none]
    #[arg(long, value_delimiter = ',', value_name = "NAME", hide_possible_values = true)]
    pub tables: Vec<TableName>,
    /// Show what would be measured, built and fetched, with an estimate of time and download;
    /// measure nothing
    #[arg(long, alias = "list")]
    pub dry_run: bool,
    /// Run `cargo bench` instead: Criterion on the stripped, small samples
    #[arg(long, conflicts_with_all = ["variants", "size", "quick", "time_budget", "phases", "warm_up", "no_memory", "counters", "seed", "output", "save_baseline", "tables", "dry_run"])]
    pub criterion: bool,
    /// With --criterion, Criterion's own arguments, such as a filter on `sample/engine/phase`; with
    /// --invoke, more arguments of the function
    #[arg(last = true, value_name = "ARG")]
    pub trailing: Vec<String>,
    /// Modules instead of samples.
    #[command(flatten)]
    pub own: OwnArgs,
}

/// Modules of the user's own, and how they are called.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Your own module")]
pub struct OwnArgs {
    /// Measure this module instead of samples; give several to compare them. Text format, gzip and zstd
    /// are taken, too, and `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["samples", "variants", "size", "criterion"])]
    pub wasm: Vec<PathBuf>,
    /// Measure the modules that this file lists, with how each is called and what is expected: TOML (see
    /// docs/own-modules.md), or a `*.suite` file of Sightglass's
    #[arg(long, value_name = "FILE", conflicts_with_all = ["wasm", "samples", "variants", "size", "criterion"])]
    pub suite: Option<PathBuf>,
    /// Call this export with these arguments, which get the types of its signature; arguments may
    /// also follow after `--` [default: `_start`, as a WASI command]
    #[arg(long, value_names = ["NAME", "ARG"], num_args = 1.., action = ArgAction::Set)]
    #[arg(requires = "wasm")]
    #[arg(conflicts_with_all = ["arg", "env", "stdin", "dir", "expect_stdout", "expect_stderr", "expect_exit", "compile_only"])]
    pub invoke: Vec<String>,
    /// The arguments that stood behind --invoke, one each: see [`invoke`](super::invoke).
    #[arg(long, hide = true, requires = "invoke", allow_hyphen_values = true)]
    pub invoke_argument: Vec<String>,
    /// Before the call, call this export on every fresh instance, untimed, such as 'init 16'; repeatable
    #[arg(long, requires = "invoke", value_name = "'NAME ARG...'")]
    pub setup: Vec<String>,
    /// The result that the function must have [default: what most runtimes return]
    #[arg(long, requires = "invoke", value_name = "VALUE", allow_hyphen_values = true)]
    pub expect: Vec<String>,
    /// Give each warm call an instance of its own [default: where one instance is found to change]
    #[arg(long, requires = "invoke", conflicts_with = "same_instance")]
    pub fresh_instance: bool,
    /// Make the warm calls of a batch on one instance, whatever trials show
    #[arg(long, requires = "invoke")]
    pub same_instance: bool,
    /// Stand in for imports that no engine provides: functions that trap when they are called, or
    /// return zero, and memories, tables and globals of the declared type
    #[arg(long, requires = "wasm", value_name = "DO", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "trap")]
    pub stub_imports: Option<StubChoice>,
    /// Several modules are no builds of one program: do not compare them
    #[arg(long, requires = "wasm")]
    pub each: bool,
    /// An argument of the command, after the program's name
    #[arg(long, requires = "wasm", allow_hyphen_values = true, value_name = "ARG")]
    pub arg: Vec<String>,
    /// A variable of the command's environment; it sees no others
    #[arg(long, requires = "wasm", value_name = "NAME=VALUE", value_parser = values::variable)]
    pub env: Vec<(String, String)>,
    /// The command's standard input [default: empty]
    #[arg(long, requires = "wasm", value_name = "FILE")]
    pub stdin: Option<PathBuf>,
    /// A folder that is opened for the command; it sees no others
    #[arg(long, requires = "wasm", value_name = "HOST::GUEST", value_parser = values::folder)]
    pub dir: Vec<(PathBuf, String)>,
    /// What the command must print [default: what most runtimes print]
    #[arg(long, requires = "wasm", value_name = "FILE")]
    pub expect_stdout: Option<PathBuf>,
    /// What the command must write to its standard error [default: it is kept and not compared]
    #[arg(long, requires = "wasm", value_name = "FILE")]
    pub expect_stderr: Option<PathBuf>,
    /// The exit code that the command must have [default: what most runtimes give]
    #[arg(long, requires = "wasm", value_name = "CODE", allow_negative_numbers = true)]
    pub expect_exit: Option<i32>,
    /// Call nothing; measure what compiling, saving and loading cost
    #[arg(long, requires = "wasm")]
    #[arg(conflicts_with_all = ["arg", "env", "stdin", "dir", "expect_stdout", "expect_stderr", "expect_exit"])]
    pub compile_only: bool,
}

impl OwnArgs {
    /// Whether modules are measured instead of samples.
    pub fn is_asked(&self) -> bool {
        !self.wasm.is_empty() || self.suite.is_some()
    }
}

impl BenchArgs {
    /// The function to call and its arguments, in the order in which they were typed; empty where
    /// there is no `--invoke`.
    ///
    /// # Errors
    /// When there are arguments after `--`, and nothing takes them.
    pub fn invoke(&self) -> Result<Vec<String>, clap::Error> {
        let own = &self.own;
        if own.invoke.is_empty() && !self.criterion && !self.trailing.is_empty() {
            return Err(values::wrong_usage("arguments after `--` need --invoke or --criterion"));
        }
        let of_function = if own.invoke.is_empty() { &[] } else { self.trailing.as_slice() };
        Ok(own.invoke.iter().chain(&own.invoke_argument).chain(of_function).cloned().collect())
    }
}

/// What stands in for imports that no engine provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StubChoice {
    /// Functions trap when they are called
    Trap,
    /// Functions return zero
    Zero,
}

/// What counts instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CounterChoice {
    /// The processor, where the system gives its counters
    Perf,
    /// Valgrind's callgrind
    Callgrind,
}

impl From<CounterChoice> for CounterSource {
    fn from(counters: CounterChoice) -> CounterSource {
        match counters {
            CounterChoice::Perf => CounterSource::Perf,
            CounterChoice::Callgrind => CounterSource::Callgrind,
        }
    }
}
