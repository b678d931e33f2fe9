//! `cargo xtask bench --wasm FILE`: modules that are not in the catalogue. They are checked before
//! anything is built, the engines vote on their results before anything is timed, and the rest is a run
//! like any other.

use super::dry_run::RunEstimate;
use super::engine_choice;
use super::preparation::Preparation;
use super::{Measurement, check_output, run_folder};
use crate::cli::exit::Exit;
use crate::cli::measure::{BenchArgs, EngineChoice};
use crate::cli::values::wrong_value;
use crate::engines;
use crate::engines::{Build, InputName, Runtime, Wanted, WasiUse};
use crate::host::hash::sha256;
use crate::host::interrupt;
use crate::host::paths::Paths;
use crate::own_module::environment::{Environment, Given};
use crate::own_module::module::Module;
use crate::own_module::reference::{self, ExpectedOutput, Subject};
use crate::own_module::trial::Place;
use crate::own_module::{arguments, input, names};
use crate::run::describe::describe;
use crate::run::folder::artifacts;
use crate::run::plan::{plan, ready};
use crate::run::{Looks, exclusive, probes};
use crate::{note, outln};
use anyhow::{Context, Result};
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Effort, EngineSpec};
use bench::record::{ModuleFacts, Skipped};
use protocol::{Entry, MarksUse};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Runs the task.
///
/// # Errors
/// When a module cannot be measured, and as every other run.
pub fn run(args: &BenchArgs, paths: &Paths) -> Result<Exit> {
    let request = Request::check(args, paths)?;
    if args.dry_run {
        request.print(!args.no_memory, paths)?;
        return Ok(Exit::Done);
    }
    let counting = args.counters.map(|source| probes::Counting::check(source.into())).transpose()?;
    let runtimes = engines::read(paths)?;
    let names: Vec<&str> = request.engines.iter().map(String::as_str).collect();
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
    let looks = Looks { memory: !args.no_memory, counting };
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

/// A module that was read and understood.
struct OwnModule {
    file: PathBuf,
    name: String,
    wasm: Vec<u8>,
    module: Module,
    /// What is called, where something can be.
    entry: Option<Entry>,
    /// Why nothing is called, where nothing is.
    compile_only: Option<String>,
}

/// What was asked for, every file and name checked, before anything is built.
struct Request {
    engines: Vec<String>,
    /// Engines that were not asked for by name and have nothing to run here.
    native: Vec<String>,
    modules: Vec<OwnModule>,
    environment: Environment,
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
        let (engines, native) = engines(&args.selection.engines, &engines::read(paths)?)?;
        let own = &args.own;
        let names = names::unique(&own.wasm);
        let invoke = args.invoke()?;
        let check = |(file, name): (&PathBuf, _)| OwnModule::check(file, name, &invoke, own.compile_only);
        let modules = own.wasm.iter().zip(names).map(check);
        let modules = modules.collect::<Result<_>>()?;
        let environment = Environment::check(Given {
            args: &own.arg,
            env: &own.env,
            stdin: own.stdin.as_deref(),
            expected_stdout: own.expect_stdout.as_deref(),
            dirs: &own.dir,
        })?;
        Ok(Request { engines, native, modules, environment, effort: super::effort(args) })
    }

    fn preparation<'a>(
        &self,
        runtimes: &'a [Runtime],
        names: &'a [&'a str],
        paths: &'a Paths,
    ) -> Preparation<'a> {
        let wasi = WasiUse::of(self.modules.iter().map(OwnModule::needs_wasi));
        let wanted = Wanted { names, wasi, build: Build::Yes };
        Preparation { runtimes, wanted, samples: &[], variants: &[], paths }
    }

    fn print(&self, memory: bool, paths: &Paths) -> Result<()> {
        outln!("engines:  {}", self.engines.join(", "));
        for OwnModule { name, file, wasm, entry, compile_only, .. } in &self.modules {
            let called = match (entry, compile_only) {
                (_, Some(reason)) => format!("compiled only: {reason}"),
                (Some(entry), None) => reference::call(entry),
                (None, None) => String::new(),
            };
            outln!("module:   {name}: {} ({} bytes): {called}", file.display(), wasm.len());
        }
        let cells = self.engines.len() * self.modules.len();
        outln!("cells:    {cells}");
        let runtimes = engines::read(paths)?;
        let names: Vec<&str> = self.engines.iter().map(String::as_str).collect();
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
        let expected = self.expected(folder)?;
        let stdin = self.environment.stdin.as_deref();
        let stdin = stdin.map(|bytes| written(&folder.join("stdin"), bytes)).transpose()?;
        let modules = made(&folder.join("modules"))?;
        let mut prepared = Prepared { cases: Vec::new(), notes: Vec::new(), lost: false };
        for own in &self.modules {
            let wasm = written(&modules.join(format!("{}.wasm", own.name)), &own.wasm)?;
            let mut case = own.case(&wasm, &self.environment, stdin.as_deref());
            prepared.notes.extend(own.notes(&case));
            if case.compile_only.is_none() {
                let file = own.file.display().to_string();
                let needs_wasi = own.needs_wasi();
                let subject = Subject { file: &file, needs_wasi, expected_stdout: expected.as_ref() };
                let settled = reference::settle(&mut case, &subject, engines, &place, interrupted)?;
                prepared.notes.extend(settled.notes);
                prepared.lost |= settled.lost;
            }
            prepared.cases.push(case);
        }
        // Artifacts of the trials; the run compiles its own.
        std::fs::remove_dir_all(artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
        prepared.notes.iter().for_each(|note| note!("{note}"));
        Ok(prepared)
    }

    fn expected(&self, folder: &Path) -> Result<Option<ExpectedOutput>> {
        let Some(bytes) = self.environment.expected_stdout.as_deref() else { return Ok(None) };
        let file = written(&folder.join("expected-stdout"), bytes)?;
        Ok(Some(ExpectedOutput { file, bytes: bytes.len() as u64, sha256: sha256(bytes) }))
    }
}

impl OwnModule {
    fn check(file: &Path, name: String, invoke: &[String], compile_only: bool) -> Result<OwnModule> {
        let wasm = input::read(file)?;
        let module = Module::of(file, &wasm)?;
        let shown = file.display().to_string();
        let unmet = (!module.unmet.is_empty())
            .then(|| format!("it imports {}, which no engine here provides", module.unmet.join(", ")));
        let asked = compile_only.then(|| "--compile-only was set".to_owned());
        let compile_only = asked.or(unmet);
        let entry = match invoke {
            [] if compile_only.is_some() => None,
            [] => {
                arguments::require_start(&shown, &module)?;
                None
            }
            invoke => Some(arguments::export(&shown, &module, invoke).map_err(|error| {
                wrong_value("--invoke <NAME> <ARG>...", &invoke.join(" "), &format!("{error:#}"))
            })?),
        };
        Ok(OwnModule { file: file.to_owned(), name, wasm, module, entry, compile_only })
    }

    /// The case of its copy `wasm`; nothing is expected of it yet.
    fn case(&self, wasm: &Path, around: &Environment, stdin: Option<&Path>) -> Case {
        let command = || Entry::Command {
            args: std::iter::once(self.program()).chain(around.args.iter().cloned()).collect(),
            env: around.env.clone(),
            stdin: stdin.map(Path::to_owned),
            dirs: around.dirs.clone(),
        };
        let mut case = Case::own(&self.name, wasm, self.entry.clone().unwrap_or_else(command));
        case.compile_only.clone_from(&self.compile_only);
        case.needs_wasi = self.needs_wasi();
        if self.marks_d() {
            case.marks = MarksUse::TimedAsCall;
        }
        case
    }

    /// Whether it uses WASI: it imports it, or runs as a command.
    fn needs_wasi(&self) -> bool {
        self.module.imports_wasi || (self.entry.is_none() && self.compile_only.is_none())
    }

    /// The command's name, as it sees it.
    fn program(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether it imports both ends of the stretch that is d.
    fn marks_d(&self) -> bool {
        self.module.marks.len() == 2
    }

    fn notes(&self, case: &Case) -> Vec<String> {
        let name = &self.name;
        let only = case.compile_only.as_ref().map(|reason| {
            format!("{name}: {reason}; parse, compile, save and load are measured, and no instance or call")
        });
        let marks = match (self.module.marks.as_slice(), &only) {
            ([_, _], None) => Some(format!(
                "{name}: d is the time between its bench.start and bench.end; totals hold the whole call"
            )),
            ([one], None) => {
                Some(format!("{name}: it imports {one} without its other half, so d is the whole call"))
            }
            _ => None,
        };
        only.into_iter().chain(marks).collect()
    }

    fn facts(&self) -> ModuleFacts {
        ModuleFacts {
            sample: self.name.clone(),
            path: Some(std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone())),
            variant: bench::plan::OWN.to_owned(),
            bytes: self.wasm.len() as u64,
            code_section_bytes: Some(self.module.code_section_bytes),
            target_cpu: None,
            sha256: sha256(&self.wasm),
        }
    }
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

fn made(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder.to_owned())
}

fn written(file: &Path, bytes: &[u8]) -> Result<PathBuf> {
    std::fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))?;
    Ok(file.to_owned())
}
