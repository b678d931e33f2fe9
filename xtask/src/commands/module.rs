//! `cargo xtask bench --wasm FILE`: modules that are not in the catalogue. They are checked before
//! anything is built, the engines vote on their results before anything is timed, and the rest is a run
//! like any other.

use super::dry_run::RunEstimate;
use super::engine_choice;
use super::preparation::Preparation;
use super::{Measurement, check_output, run_folder};
use crate::cli::exit::Exit;
use crate::cli::measure::{BenchArgs, EngineChoice, StubChoice};
use crate::cli::values::{wrong_usage, wrong_value};
use crate::engines;
use crate::engines::{Build, InputName, PreparedEngine, Runtime, Wanted, WasiUse};
use crate::host::files::{made, written};
use crate::host::interrupt;
use crate::host::paths::Paths;
use crate::own_module::environment::Given;
use crate::own_module::input::shown;
use crate::own_module::reference::{self, Subject, Voters};
use crate::own_module::steady::Instances;
use crate::own_module::stubs::Stubs;
use crate::own_module::subject::{Asked, OwnModule, WrongCall};
use crate::own_module::trial::Place;
use crate::own_module::{describe_module, names, suite, support};
use crate::run::describe::describe;
use crate::run::folder::artifacts;
use crate::run::plan::{plan, ready};
use crate::run::{Looks, exclusive, probes};
use crate::{note, outln};
use anyhow::{Context, Result};
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Effort, EngineSpec};
use bench::record::Skipped;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Runs the task.
///
/// # Errors
/// When a module cannot be measured, and as every other run.
pub fn run(args: &BenchArgs, paths: &Paths) -> Result<Exit> {
    let request = Request::check(args, paths)?;
    if args.dry_run {
        request.print(super::reads_memory(args), paths)?;
        return Ok(Exit::Done);
    }
    request.described(paths)?.iter().for_each(|line| note!("{line}"));
    let counting = args.counters.map(|source| probes::Counting::check(source.into())).transpose()?;
    let names: Vec<&str> = request.engines.iter().map(String::as_str).collect();
    let runtimes = engines::read_for(names.iter().copied(), paths)?;
    let engines = request.preparation(&runtimes, &names, paths).run()?.engines;
    let ready = ready(&engines)?;
    let _alone = exclusive::wait(paths)?;
    let interrupted = interrupt::measuring();
    let folder = run_folder(args, paths)?;
    let Prepared { cases, notes, lost } = request.prepare(&ready, &folder, &artifacts(paths), interrupted)?;
    let plan = plan(ready, cases, request.effort.clone(), args.seed, paths);
    let compiler = "not known: the modules are the user's own".to_owned();
    let mut file = describe(&Manifest { toolchain: compiler, samples: Vec::new() }, &engines, &plan);
    file.modules = request.modules.iter().map(OwnModule::facts).collect();
    file.skipped.splice(0..0, request.native.iter().map(|name| skipped(name)));
    file.notes = notes;
    let looks = Looks { memory: super::reads_memory(args), counting };
    let measurement = Measurement {
        plan,
        file,
        looks,
        folder: &folder,
        tables: &args.tables,
        baseline: args.save_baseline.as_deref(),
    };
    let exit = measurement.report(interrupted, paths)?;
    Ok(if lost && exit == Exit::Done { Exit::SomeFailed } else { exit })
}

/// What was asked for, every file and name checked, before anything is built.
struct Request {
    engines: Vec<String>,
    /// Engines that were not asked for by name and have nothing to run here.
    native: Vec<String>,
    modules: Vec<OwnModule>,
    /// The runtime of every engine, by the engine's name.
    runtimes: BTreeMap<String, String>,
    effort: Effort,
}

/// Cases that are ready to be measured.
struct Prepared {
    cases: Vec<Case>,
    notes: Vec<String>,
    /// Whether there is a case without a call because none ended.
    lost: bool,
}

impl Request {
    fn check(args: &BenchArgs, paths: &Paths) -> Result<Request> {
        check_output(args)?;
        let runtimes = engine_choice::read(&args.selection.engines, engine_choice::DEFAULT, paths)?;
        let (engines, native) = engines(&args.selection.engines, &runtimes)?;
        let modules = asked(args)?.iter().map(|asked| checked(asked, args)).collect::<Result<_>>()?;
        let runtime_of = |runtime: &Runtime| {
            // Two builds of a runtime have one vote.
            let name = runtime.plain_name().to_owned();
            runtime.configurations.iter().map(move |one| (one.name.clone(), name.clone())).collect::<Vec<_>>()
        };
        let runtimes = runtimes.iter().flat_map(runtime_of).collect();
        Ok(Request { engines, native, modules, runtimes, effort: super::effort(args) })
    }

    /// What each module is, and which of the engines that are built can take it.
    fn described(&self, paths: &Paths) -> Result<Vec<String>> {
        let names: Vec<&str> = self.engines.iter().map(String::as_str).collect();
        let runtimes = engines::read_for(names.iter().copied(), paths)?;
        let wanted = Wanted { names: &names, wasi: WasiUse::Somewhere, build: Build::No };
        let known = |engine: &PreparedEngine| {
            (
                engine.configuration.name.clone(),
                engine.ready().and_then(|engine| support::known(engine, paths)),
            )
        };
        let known: Vec<_> = engines::prepare(&runtimes, wanted, paths)?.iter().map(known).collect();
        let lines = |own: &OwnModule| {
            let mut lines = describe_module::lines(own);
            lines.extend(describe_module::plan(own, &known));
            lines
        };
        Ok(self.modules.iter().flat_map(lines).collect())
    }

    fn preparation<'a>(
        &self,
        runtimes: &'a [Runtime],
        names: &'a [&'a str],
        paths: &'a Paths,
    ) -> Preparation<'a> {
        let wasi = WasiUse::of(self.modules.iter().map(OwnModule::needs_wasi));
        let wanted = Wanted { names, wasi, build: Build::Yes };
        Preparation { runtimes, wanted, samples: &[], variants: &[], modern: &[], paths }
    }

    fn print(&self, memory: bool, paths: &Paths) -> Result<()> {
        outln!("engines:  {}", self.engines.join(", "));
        self.described(paths)?.iter().for_each(|line| outln!("{line}"));
        let cells = self.engines.len() * self.modules.len();
        outln!("cells:    {cells}");
        let names: Vec<&str> = self.engines.iter().map(String::as_str).collect();
        let runtimes = engines::read_for(names.iter().copied(), paths)?;
        outln!("{}", self.preparation(&runtimes, &names, paths).cost()?.text());
        outln!("{}", RunEstimate { effort: &self.effort, cells, memory }.text());
        Ok(())
    }

    /// Copies what is measured to the run's `folder`, so that later changes of the files do not matter,
    /// and settles what is expected of each module.
    fn prepare(
        &self,
        engines: &[EngineSpec],
        folder: &Path,
        artifacts: &Path,
        interrupted: &AtomicBool,
    ) -> Result<Prepared> {
        let stdout = folder.join("stdout");
        let place = Place { stdout: &stdout, artifacts: &made(artifacts)?, effort: &self.effort };
        let modules = made(&folder.join("modules"))?;
        let voters = Voters { engines, runtimes: &self.runtimes };
        let mut prepared = Prepared { cases: Vec::new(), notes: Vec::new(), lost: false };
        for own in &self.modules {
            let wasm = written(&modules.join(format!("{}.wasm", own.name)), &own.wasm)?;
            let stdin = own.environment.stdin.as_deref();
            let stdin =
                stdin.map(|bytes| written(&folder.join(own.copy_name("stdin")), bytes)).transpose()?;
            let mut case = own.case(&wasm, stdin.as_deref());
            prepared.notes.extend(own.notes(&case));
            if case.compile_only.is_none() {
                let file = shown(&own.file);
                let subject = Subject {
                    file: &file,
                    needs_wasi: own.needs_wasi(),
                    wasi_functions: &own.module.wasi_functions,
                    results_may_differ: own.module.has_relaxed_simd,
                    expected: &own.expected(folder)?,
                    instances: own.instances,
                };
                match reference::settle(&mut case, &subject, &voters, &place, interrupted) {
                    Ok(settled) => {
                        prepared.notes.extend(settled.notes);
                        prepared.lost |= settled.lost;
                    }
                    // The others of a suite are measured all the same.
                    Err(error) if self.modules.len() > 1 && own.is_independent() => {
                        prepared.notes.push(format!("{}: not called: {error:#}", own.name));
                        case.compile_only = Some(format!("{error:#}"));
                        prepared.lost = true;
                    }
                    Err(error) => return Err(error),
                }
            }
            prepared.cases.push(case);
        }
        // Artifacts of the trials; the run compiles its own.
        std::fs::remove_dir_all(artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
        prepared.notes.iter().for_each(|note| note!("{note}"));
        Ok(prepared)
    }
}

/// What the command line asks of each module.
fn asked(args: &BenchArgs) -> Result<Vec<Asked>> {
    let own = &args.own;
    let invoke = args.invoke()?;
    if let Some(file) = &own.suite {
        return suite::read(file);
    }
    let names = names::unique(&own.wasm);
    let instances = match (own.fresh_instance, own.same_instance) {
        (true, _) => Instances::Fresh,
        (_, true) => Instances::Same,
        _ => Instances::AsFound,
    };
    let given = Given {
        args: own.arg.clone(),
        env: own.env.clone(),
        stdin: own.stdin.clone(),
        expected_stdout: own.expect_stdout.clone(),
        expected_stderr: own.expect_stderr.clone(),
        dirs: own.dir.clone(),
    };
    let asked = |(file, name): (&PathBuf, String)| Asked {
        name,
        file: file.clone(),
        invoke: invoke.clone(),
        setup: own.setup.clone(),
        compile_only: own.compile_only,
        stubs: own.stub_imports.map(|choice| match choice {
            StubChoice::Trap => Stubs::Trap,
            StubChoice::Zero => Stubs::Zero,
        }),
        instances,
        expect: (!own.expect.is_empty()).then(|| own.expect.clone()),
        expect_exit: own.expect_exit,
        given: given.clone(),
        group: own.each.then(|| EACH.to_owned()),
    };
    Ok(own.wasm.iter().zip(names).map(asked).collect())
}

/// The group of modules that are not compared with each other.
const EACH: &str = "each";

/// Reads and checks a module; a wrong call is wrong usage.
fn checked(asked: &Asked, args: &BenchArgs) -> Result<OwnModule> {
    OwnModule::check(asked).map_err(|error| match error.downcast::<WrongCall>() {
        Ok(wrong) => {
            if let Some(suite) = &args.own.suite {
                return wrong_usage(&format!("{}: module {}: {wrong}", suite.display(), asked.name)).into();
            }
            let typed = args.invoke().unwrap_or_default().join(" ");
            wrong_value("--invoke <NAME> <ARG>...", &typed, &wrong.to_string()).into()
        }
        Err(error) => error,
    })
}

/// The names of the engines that run wasm and of those that cannot take part, out of what is
/// `wanted`.
fn engines(wanted: &EngineChoice, runtimes: &[Runtime]) -> Result<(Vec<String>, Vec<String>)> {
    let configurations: Vec<_> = runtimes.iter().flat_map(|runtime| &runtime.configurations).collect();
    let runs_wasm = |name: &&str| {
        configurations.iter().any(|one| one.name == **name && matches!(one.input, InputName::Wasm))
    };
    let chosen = engine_choice::chosen(wanted, engine_choice::DEFAULT, runtimes)?;
    let (wasm, native): (Vec<&str>, Vec<&str>) = chosen.into_iter().partition(runs_wasm);
    if let Some(name) = native.iter().find(|name| wanted.names.iter().any(|pattern| pattern == *name)) {
        let reason = "it runs native code, and there is none for a module of --wasm";
        return Err(wrong_value("--engines <NAME>", name, reason).into());
    }
    if wasm.is_empty() {
        let reason = "none of these engines runs wasm; `cargo xtask engines` lists those that do";
        return Err(wrong_value("--engines <NAME>", &native.join(","), reason).into());
    }
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Ok((owned(wasm), owned(native)))
}

fn skipped(native: &str) -> Skipped {
    Skipped {
        name: native.to_owned(),
        reason: "there is no native code for a module of --wasm".to_owned(),
        command: "add its source to sample-src, whose samples are built for both".to_owned(),
    }
}
