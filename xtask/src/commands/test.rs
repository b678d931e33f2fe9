//! `cargo xtask test`: the README's test command. The same rules for the workspace and for every
//! engine folder, which inherit neither lints nor tests from it.

use super::engine_choice;
use crate::cli::exit::Exit;
use crate::cli::flags::TestArgs;
use crate::cli::measure::EngineChoice;
use crate::engines;
use crate::engines::{Build, PreparedEngine, Runtime, State, Wanted, WasiUse, build_folders};
use crate::host::cargo_install::{self, InstalledTool};
use crate::host::paths::Paths;
use crate::host::steps::{self, FailureOutput, LoggedStep};
use crate::host::{cargo, files};
use crate::note;
use crate::samples::Variant;
use crate::{samples, toolchain};
use anyhow::{Result, bail, ensure};
use bench::plan::workers_file;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the file that lists finished workers.
const WORKERS_VARIABLE: &str = "WASM_PHASES_WORKERS";
/// Makes tests that need workers or samples fail, instead of saying that they were left out.
const REQUIRE_VARIABLE: &str = "WASM_PHASES_REQUIRE_WORKERS";

/// Lists the workers that are tested.
const TESTED: &str = "workers-tested.json";

/// The tests of each worker through the protocol.
const CONFORMANCE: &[&str] = &["--test", "conformance"];
/// The tests beside a load, and the variable that asks for them.
const NOISY: &[&str] = &["--test", "noisy"];
const NOISY_VARIABLE: &str = "WASM_PHASES_TEST_NOISY";
/// The tests of a run's page in a browser.
const BROWSER: &[&str] = &["--test", "browser"];
/// The tests of exports against the tools that read or write such files.
const OTHER_TOOLS: &[&str] = &["--test", "other_tools"];
/// These tools.
const TOOLS: [InstalledTool; 2] = [
    InstalledTool { name: "critcmp", version: "0.1.8", variable: "WASM_PHASES_CRITCMP" },
    InstalledTool { name: "hyperfine", version: "1.20.0", variable: "WASM_PHASES_HYPERFINE" },
];
/// The tests of the command line that need workers and samples.
const PIPELINE: &[&str] = &["--test", "pipeline", "--test", "upgrades", "--test", "own_module"];

/// Runs the task.
///
/// # Errors
/// At the first step that fails; the message names it.
pub fn run(args: &TestArgs, paths: &Paths) -> Result<Exit> {
    let runtimes = engines::read(paths)?;
    let tests = Tests { paths };
    if !args.dirs.folders.is_empty() {
        // Every folder was read above, so that names are unique.
        return tests.of_named_folders(&engines::read_named(paths)?);
    }
    tests.step("formatting", |step| {
        let mut formatting = Formatting { step, mending: Vec::new() };
        formatting.of_workspace(paths)?;
        runtimes.iter().try_for_each(|runtime| formatting.of_engine(runtime, paths))?;
        formatting.conclude()
    })?;
    tests.step("lints", |step| {
        let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
        step.run(&mut tests.cargo(&clippy), FailureOutput::Whole)
    })?;
    tests.step("unit tests", |step| {
        let mut cargo = tests.cargo_test(&[]);
        step.run(cargo.env_remove(WORKERS_VARIABLE).env_remove(REQUIRE_VARIABLE), FailureOutput::Whole)
    })?;
    if args.fast {
        return Ok(Exit::Done);
    }
    let mut workers = PathBuf::new();
    // Usually what `bench` builds, so that little is built for the tests alone.
    let (group, wasi) = if args.all {
        (engine_choice::EVERY, WasiUse::Somewhere)
    } else {
        (engine_choice::DEFAULT, WasiUse::Nowhere)
    };
    let covered: Vec<Runtime> = runtimes.iter().filter(|one| args.heavy || !one.heavy).cloned().collect();
    let names = engine_choice::chosen(&EngineChoice::default(), group, &covered)?;
    tests.step("workers", |_| {
        workers = build_workers(&covered, Wanted { names: &names, wasi, build: Build::Yes }, paths)?;
        Ok(())
    })?;
    tests.step("samples", |_| {
        let chosen = samples::core(paths)?;
        let variants = [Variant::Stripped, Variant::Unstripped];
        samples::build(paths, &toolchain::prepare(paths)?, &chosen, &variants)?;
        Ok(())
    })?;
    tests.with_workers("conformance", CONFORMANCE, &workers)?;
    tests.with_workers("pipeline", PIPELINE, &workers)?;
    if args.all {
        tests.step("noisy machine", |step| {
            let mut cargo = tests.cargo_test(NOISY);
            step.run(cargo.env(NOISY_VARIABLE, "1"), FailureOutput::Whole)
        })?;
        tests.in_browser(&workers)?;
        tests.with_other_tools()?;
        covered.iter().try_for_each(|runtime| tests.of_engine(runtime))?;
        build_folders::say_what_they_take(paths);
    }
    Ok(Exit::Done)
}

/// The steps of the tests of one checkout.
struct Tests<'a> {
    paths: &'a Paths,
}

impl Tests<'_> {
    fn step(&self, name: &str, work: impl FnOnce(&mut LoggedStep<'_>) -> Result<()>) -> Result<()> {
        let file = format!("test-{}.log", name.replace(' ', "-"));
        steps::run(name, &self.paths.generated.join("logs").join(file), work)
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = cargo::inherited();
        cargo.args(arguments).current_dir(&self.paths.root);
        cargo
    }

    /// `cargo test` on `chosen` tests; the features of all crates are those of the whole workspace, so
    /// that nothing is compiled twice.
    fn cargo_test(&self, chosen: &[&str]) -> Command {
        let mut cargo = self.cargo(&["test", "--locked", "--workspace"]);
        cargo.args(chosen);
        cargo
    }

    /// Runs tests that use the workers in the file `workers`.
    fn with_workers(&self, name: &str, chosen: &[&str], workers: &Path) -> Result<()> {
        let mut cargo = self.cargo_test(chosen);
        cargo.env(WORKERS_VARIABLE, workers).env(REQUIRE_VARIABLE, "1");
        self.step(name, |step| step.run(&mut cargo, FailureOutput::Whole))
    }

    /// Opens the pages of runs, a real one among them, in a browser that is fetched where it is not here.
    fn in_browser(&self, workers: &Path) -> Result<()> {
        self.step("browser", |step| {
            let mut cargo = self.cargo_test(BROWSER);
            cargo.env(WORKERS_VARIABLE, workers).env(REQUIRE_VARIABLE, "1");
            cargo.envs(engines::browser::environment(self.paths)?);
            step.run(&mut cargo, FailureOutput::Whole)
        })
    }

    /// Holds exports against the tools themselves, which are built where they are not here.
    fn with_other_tools(&self) -> Result<()> {
        self.step("exports", |step| {
            let mut cargo = self.cargo_test(OTHER_TOOLS);
            for tool in &TOOLS {
                let run = |build: &mut Command| step.run(build, FailureOutput::Whole);
                cargo.env(tool.variable, cargo_install::program(tool, self.paths, run)?);
            }
            step.run(&mut cargo, FailureOutput::Whole)
        })
    }

    /// Tests the engines of `runtimes` alone.
    fn of_named_folders(&self, runtimes: &[Runtime]) -> Result<Exit> {
        self.step("formatting", |step| {
            let mut formatting = Formatting { step, mending: Vec::new() };
            runtimes.iter().try_for_each(|runtime| formatting.of_engine(runtime, self.paths))?;
            formatting.conclude()
        })?;
        let mut workers = PathBuf::new();
        let names = engines::names(runtimes);
        let wanted = Wanted { names: &names, wasi: WasiUse::Somewhere, build: Build::Yes };
        self.step("workers", |_| {
            workers = build_workers(runtimes, wanted, self.paths)?;
            let some = !workers_file::read(&workers)?.is_empty();
            ensure!(some, "none of these engines can be tested here");
            Ok(())
        })?;
        runtimes.iter().try_for_each(|runtime| self.of_engine(runtime))?;
        self.with_workers("conformance", CONFORMANCE, &workers)?;
        for engine in engines::prepare(runtimes, Wanted { build: Build::No, ..wanted }, self.paths)? {
            note_untested(&engine);
        }
        Ok(Exit::Done)
    }

    /// Lints and tests the crates in an engine folder, where there are any.
    fn of_engine(&self, runtime: &Runtime) -> Result<()> {
        if !runtime.is_built_by_cargo() {
            return Ok(());
        }
        self.step(&format!("engine folder {}", runtime.name), |step| {
            let Some(checks) = engines::checks(runtime, self.paths)? else {
                note!("left out: what {} needs is not here", runtime.name);
                return Ok(());
            };
            for mut command in checks {
                step.run(&mut command, FailureOutput::WithoutWarnings)?;
            }
            build_folders::after_use(runtime, self.paths);
            Ok(())
        })
    }
}

/// Says which tests had nothing to test: those of what the engine says that it does not offer.
fn note_untested(engine: &PreparedEngine) {
    let Some(spec) = engine.ready() else { return };
    let can = &spec.hello.can;
    let abilities = [
        ("parse", &can.parse),
        ("JIT", &can.jit),
        ("c", &can.instantiate),
        ("AOT", &can.aot),
        ("WASI", &can.wasi),
    ];
    let absent: Vec<&str> =
        abilities.iter().filter(|(_, ability)| ability.reason().is_some()).map(|(name, _)| *name).collect();
    if !absent.is_empty() {
        note!("{}: not tested, since the engine does not offer it: {}", spec.name, absent.join(", "));
    }
}

/// Checks how files are formatted, all of them before it fails.
struct Formatting<'a, 'b> {
    step: &'a mut LoggedStep<'b>,
    /// The commands that format what is not.
    mending: Vec<String>,
}

impl Formatting<'_, '_> {
    /// Of the workspace, which `cargo fmt` knows, and of what is no member of it.
    fn of_workspace(&mut self, paths: &Paths) -> Result<()> {
        self.cargo_fmt(&["--all".as_ref()], paths)?;
        self.cargo_fmt(&["--manifest-path".as_ref(), "xtask/wasm-opt/Cargo.toml".as_ref()], paths)?;
        let mut sources = files::sources(&paths.sample_src)?;
        sources.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--edition", "2024"]).args(sources).current_dir(&paths.root);
        let folder = paths.sample_src.strip_prefix(&paths.root).unwrap_or(&paths.sample_src);
        self.check(rustfmt, format!("rustfmt --edition 2024 $(find {} -name '*.rs')", folder.display()))
    }

    /// Of the crates in an engine folder, by the workspace's rules wherever the folder lies.
    fn of_engine(&mut self, runtime: &Runtime, paths: &Paths) -> Result<()> {
        let files = files::sources(&runtime.folder)?;
        for manifest in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
            let rules = ["--".as_ref(), "--config-path".as_ref(), paths.root.as_os_str()];
            let arguments = [&["--manifest-path".as_ref(), manifest.as_os_str()][..], &rules].concat();
            self.cargo_fmt(&arguments, paths)?;
        }
        Ok(())
    }

    fn cargo_fmt(&mut self, arguments: &[&OsStr], paths: &Paths) -> Result<()> {
        let mut cargo = cargo::inherited();
        cargo.args(["fmt", "--check"]).args(arguments).current_dir(&paths.root);
        let shown: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
        self.check(cargo, format!("cargo fmt {}", shown.join(" ")))
    }

    /// Runs `checking`, which fails where something is not formatted; `mending` is what a person types
    /// then.
    fn check(&mut self, mut checking: Command, mending: String) -> Result<()> {
        if !self.step.status(&mut checking, FailureOutput::Whole)?.success() {
            self.mending.push(mending);
        }
        Ok(())
    }

    /// Fails where something is not formatted, with the commands that format it.
    fn conclude(self) -> Result<()> {
        ensure!(self.mending.is_empty(), "to format the files: {}", self.mending.join(" && "));
        Ok(())
    }
}

/// Builds those workers of `wanted` that can be had here, and lists them in a file for the conformance
/// suite. A worker whose needs are missing is said and left out; one that is broken is an error.
fn build_workers(runtimes: &[Runtime], wanted: Wanted<'_>, paths: &Paths) -> Result<PathBuf> {
    let engines = engines::prepare(runtimes, wanted, paths)?;
    for engine in &engines {
        let name = &engine.configuration.name;
        match &engine.state {
            State::Ready(_) => {}
            State::Unavailable(missing) if lacks_a_need(engine) => {
                note!("left out: {name}: {} (to enable it: {})", missing.reason, missing.command);
            }
            State::Unavailable(missing) => bail!("{name}: {} ({})", missing.reason, missing.command),
            State::NotBuilt | State::NotFetched { .. } => bail!("{name} was not built"),
        }
    }
    engines::list_in(&engines, paths.generated.join(TESTED))
}

fn lacks_a_need(engine: &PreparedEngine) -> bool {
    !engine.configuration.needs.is_empty()
        && matches!(&engine.state, State::Unavailable(missing) if !missing.reason.starts_with("its "))
}
