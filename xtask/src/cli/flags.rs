//! The whole command line in one place.

use bench::record::CounterSource;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// What each WebAssembly runtime costs, phase by phase.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line, and ends the program where it is wrong.
    pub fn read() -> Cli {
        Cli::parse_from(std::env::args_os().map(shielded))
    }
}

/// Clap takes -1 and -1.5 for numbers, but not -inf, -nan and -0x10: behind a space they are values.
fn shielded(argument: OsString) -> OsString {
    let is_number = |text: &str| {
        let text = text.to_ascii_lowercase();
        matches!(text.as_str(), "-inf" | "-infinity" | "-nan") || text.starts_with("-0x")
    };
    match argument.to_str() {
        Some(text) if is_number(text) => format!(" {text}").into(),
        _ => argument,
    }
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask bench --quick                         every engine and core sample, no verdicts
  cargo xtask bench --engines 'wasmer-*,rust-native' --samples fibonacci,sha256
  cargo xtask bench --wasm my.wasm --invoke fib 30  your own module, on every engine
  cargo xtask strip-compare                         artifact bytes from unstripped and stripped wasm
  cargo xtask engines                               what there is, and what would enable more

Downloads go to the user's cache folder (WASM_PHASES_CACHE overrides it), output to generated/.

Exit status: 0 done; 1 nothing useful was done; 2 wrong usage; 3 done, but some cells failed;
130 interrupted (what was measured is kept).";

/// The tasks, one file each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build samples to wasm and to native code, or list what there is
    Samples(SamplesArgs),
    /// Measure every phase of every engine on every sample
    Bench(Box<BenchArgs>),
    /// Compare artifact sizes from unstripped and from stripped wasm
    StripCompare(StripCompareArgs),
    /// Show the state of every engine
    Engines(EnginesArgs),
    /// Prove the instrument on this machine: known answers, and what it makes of them
    Selfcheck(SelfcheckArgs),
    /// Lint, test and check everything: the workspace, every engine's worker, the pipeline
    Test(TestArgs),
    /// A load on the machine, for one of the checks of selfcheck
    #[command(hide = true)]
    Load,
}

/// `cargo xtask samples`
#[derive(Debug, Args)]
#[command(after_help = SAMPLES_EXAMPLES)]
pub struct SamplesArgs {
    /// Samples, separated by commas; `*` stands for anything, `@kernels` for a group
    /// [default: @core; with --list, all]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub samples: Vec<String>,
    /// Variants of the wasm, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "stripped,unstripped", value_name = "NAME")]
    pub variants: Vec<String>,
    /// Build nothing; show what each sample exercises and what is in its module
    #[arg(long, conflicts_with = "bless")]
    pub list: bool,
    /// The list as JSON, with every module that is built
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Take the native results as the expected ones and write them to sample-src/expected.toml
    #[arg(long)]
    pub bless: bool,
}

const SAMPLES_EXAMPLES: &str = "\
Examples:
  cargo xtask samples                               the core samples, stripped and unstripped
  cargo xtask samples --samples '@kernels,scale-*' --variants stripped
  cargo xtask samples --list                        every sample, and what is in its module
  cargo xtask samples --list --samples @apps --json

Groups: @core, @kernels, @apps, @wasi, @scale.
Variants: stripped, unstripped, oz and o4 (wasm-opt), modern (the compiler's default features),
simd (modern and 128-bit SIMD).

Modules go to generated/wasm, their figures to generated/wasm/samples.csv.";

/// What to measure; shared by every command that measures.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Engines, separated by commas: configurations, a runtime for its usual configuration, `*` for
    /// any text, or a group such as `@jit` [default: @default; groups: @all, @default, @jit, @aot,
    /// @interpreter, @baseline]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub engines: Vec<String>,
    /// Samples, separated by commas; `*` stands for anything, `@kernels` for a group
    /// [default: @core]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub samples: Vec<String>,
    /// Folders of further engines.
    #[command(flatten)]
    pub dirs: EngineDirs,
}

/// Engine folders outside the checkout; shared by every command that takes engines.
#[derive(Clone, Debug, Default, Args)]
pub struct EngineDirs {
    /// An engine folder outside the checkout; can be repeated. WASM_PHASES_ENGINE_DIR names
    /// folders, too, separated by colons
    #[arg(long, value_name = "DIR")]
    pub engine_dir: Vec<PathBuf>,
}

impl Command {
    /// The engine folders that the command line names.
    pub fn engine_dirs(&self) -> &[PathBuf] {
        match self {
            Command::Bench(args) => &args.selection.dirs.engine_dir,
            Command::StripCompare(args) => &args.selection.dirs.engine_dir,
            Command::Engines(args) => &args.dirs.engine_dir,
            Command::Selfcheck(args) => &args.dirs.engine_dir,
            Command::Test(args) => &args.dirs.engine_dir,
            Command::Samples(_) | Command::Load => &[],
        }
    }
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
#[command(after_help = BENCH_EXAMPLES)]
pub struct BenchArgs {
    /// Which engines and samples.
    #[command(flatten)]
    pub selection: Selection,
    /// Variants of the wasm, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "stripped", value_name = "NAME")]
    pub variants: Vec<String>,
    /// Which of each sample's arguments: small, medium or large
    #[arg(long, default_value = "small", value_name = "SIZE")]
    pub size: String,
    /// Few rounds: values and ranges, no verdicts
    #[arg(long)]
    pub quick: bool,
    /// Go on with rounds until every ratio is known this well, such as 2%, or time is up
    /// [default: 2%; not with --quick]
    #[arg(long, value_name = "PERCENT")]
    pub precision: Option<String>,
    /// Stop adding rounds after this long, such as 90s or 10m [default: 10m; none with --quick]
    #[arg(long, value_name = "TIME")]
    pub time_budget: Option<String>,
    /// The longest wait for an engine's answer, such as 10s; what takes longer fails [default: 2m]
    #[arg(long, value_name = "TIME")]
    pub limit: Option<String>,
    /// Bind the workers to this processor, with all of their threads
    #[arg(long, value_name = "CPU")]
    pub pin: Option<usize>,
    /// Count rounds that shared the machine with other work, instead of making them again
    #[arg(long)]
    pub keep_disturbed: bool,
    /// Leave out the peak memory of every phase, which takes processes of its own
    #[arg(long)]
    pub no_memory: bool,
    /// Count the instructions of every phase, too: `perf`, by the system's counters, or
    /// `callgrind`, one by one, slow and nearly the same figure every time (for continuous
    /// integration)
    #[arg(long, value_name = "SOURCE", hide_possible_values = true)]
    pub counters: Option<Counters>,
    /// Seed of the random order; recorded in run.json
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print what would be measured, and measure nothing
    #[arg(long)]
    pub list: bool,
    /// Prepare everything for `cargo bench` and run it: Criterion on the stripped, small samples
    #[arg(long, conflicts_with_all = ["variants", "size", "quick", "time_budget", "no_memory", "counters", "seed", "list"])]
    pub criterion: bool,
    /// What to tell Criterion: a filter on `sample/engine/phase`, `--save-baseline NAME`, …
    #[arg(last = true, requires = "criterion", value_name = "FILTER")]
    pub criterion_arguments: Vec<String>,
    /// Modules instead of samples.
    #[command(flatten)]
    pub own: OwnArgs,
}

/// Modules of the user's own, and how they are called.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Your own module")]
pub struct OwnArgs {
    /// Measure this module instead of samples; several make a comparison
    #[arg(long, value_name = "FILE", conflicts_with_all = ["samples", "variants", "size", "criterion"])]
    pub wasm: Vec<PathBuf>,
    /// Call this export with these arguments, of the types that its signature has
    /// [default: `_start`, as a WASI command]
    #[arg(long, value_names = ["NAME", "ARG"], num_args = 1.., action = ArgAction::Set)]
    #[arg(requires = "wasm", allow_negative_numbers = true)]
    #[arg(conflicts_with_all = ["arg", "env", "stdin", "dir", "expect_stdout", "compile_only"])]
    pub invoke: Vec<String>,
    /// An argument of the command, after the program's name
    #[arg(long, requires = "wasm", allow_hyphen_values = true, value_name = "ARG")]
    pub arg: Vec<String>,
    /// A variable of the command's environment; it sees no others
    #[arg(long, requires = "wasm", value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// The command's standard input [default: empty]
    #[arg(long, requires = "wasm", value_name = "FILE")]
    pub stdin: Option<PathBuf>,
    /// A folder that is opened for the command; it sees no others
    #[arg(long, requires = "wasm", value_name = "HOST::GUEST")]
    pub dir: Vec<String>,
    /// What the command must print [default: what most engines have it print]
    #[arg(long, requires = "wasm", value_name = "FILE")]
    pub expect_stdout: Option<PathBuf>,
    /// Call nothing; measure what compiling, saving and loading cost
    #[arg(long, requires = "wasm")]
    #[arg(conflicts_with_all = ["arg", "env", "stdin", "dir", "expect_stdout"])]
    pub compile_only: bool,
}

/// Who counts instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Counters {
    /// The processor, where the system gives its counters
    Perf,
    /// Valgrind's callgrind
    Callgrind,
}

impl From<Counters> for CounterSource {
    fn from(counters: Counters) -> CounterSource {
        match counters {
            Counters::Perf => CounterSource::Perf,
            Counters::Callgrind => CounterSource::Callgrind,
        }
    }
}

const BENCH_EXAMPLES: &str = "\
Examples:
  cargo xtask bench                                        ten rounds of everything, with intervals
  cargo xtask bench --quick --variants stripped,unstripped
  cargo xtask bench --engines 'wasmer-*,rust-native' --samples sha256 --size medium
  cargo xtask bench --time-budget 10m --seed 1
  cargo xtask bench --quick --counters callgrind --engines wasmer-cranelift --samples fibonacci
  cargo xtask bench --engines 'wasm*' --list
  cargo xtask bench --criterion --engines 'wasmer-*' -- 'fibonacci/.*/jit'
  cargo xtask bench --quick --wasm fib.wasm --invoke fib 30
  cargo xtask bench --wasm old.wasm --wasm new.wasm --stdin in.txt --dir ./data::/data

Readings, sizes, failures, a summary and a description of the run go to generated/results/<run>/.";

/// `cargo xtask strip-compare`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cargo xtask strip-compare --samples fibonacci,strings\n\n\
    The table also goes to generated/strip-compare.csv.")]
pub struct StripCompareArgs {
    /// Which engines and samples.
    #[command(flatten)]
    pub selection: Selection,
}

/// `cargo xtask engines`
#[derive(Debug, Args)]
pub struct EnginesArgs {
    /// Build the workers that are not built yet
    #[arg(long)]
    pub build: bool,
    /// Write a new engine folder to start from, with a worker that builds and passes the conformance
    /// suite
    #[arg(long, value_name = "DIR", conflicts_with = "build")]
    pub new: Option<PathBuf>,
    /// Folders of further engines.
    #[command(flatten)]
    pub dirs: EngineDirs,
}

/// `cargo xtask selfcheck`
#[derive(Debug, Args)]
#[command(after_help = SELFCHECK_EXAMPLES)]
pub struct SelfcheckArgs {
    /// Only these checks, separated by commas: control, injected, overhead, agreement, drift,
    /// reproducibility, idle, time-use
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    pub only: Vec<String>,
    /// Add the check that takes long: reproducibility, four runs with pauses between them
    #[arg(long)]
    pub long: bool,
    /// The pause between the runs of reproducibility, such as 60s or 10m
    #[arg(long, default_value = "60s", value_name = "TIME")]
    pub pause: String,
    /// Engine configurations to check with, separated by commas; `*` stands for anything
    /// [default: the cheapest of those that are built]
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub engines: Vec<String>,
    /// Folders of further engines.
    #[command(flatten)]
    pub dirs: EngineDirs,
    /// Seed of the random orders
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

const SELFCHECK_EXAMPLES: &str = "\
Examples:
  cargo xtask selfcheck
  cargo xtask selfcheck --only injected,overhead
  cargo xtask selfcheck --long --pause 5m

Let the machine rest meanwhile. Every number goes to generated/selfcheck.json, readings to
generated/results/selfcheck-*/.

Exit status: 0 every check is ok; 1 nothing could be checked; 3 a check failed; 130 interrupted.";

/// `cargo xtask test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Only the tests that need no engine: formatting, lints and unit tests of the workspace
    #[arg(long, conflicts_with = "engine_dir")]
    pub fast: bool,
    /// With --engine-dir, only the engines of those folders are tested.
    #[command(flatten)]
    pub dirs: EngineDirs,
}
