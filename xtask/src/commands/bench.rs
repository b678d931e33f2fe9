//! `cargo xtask bench`: prepares samples and engines, measures them, and prints the tables.

use super::module;
use crate::cli::exit::Exit;
use crate::cli::flags::BenchArgs;
use crate::cli::select;
use crate::engines::{Build, Engine, State};
use crate::host::hash::sha256;
use crate::host::paths::Paths;
use crate::host::{interrupt, progress};
use crate::run::criterion::Choice;
use crate::run::{criterion, exclusive, probes};
use crate::{engines, report, samples, toolchain};
use anyhow::{Context, Result, bail, ensure};
use bench::machine::Machine;
use bench::manifest::Manifest;
use bench::plan::{Case, Effort, EngineSpec, Plan};
use bench::results::{self, Recorder};
use bench::run_file::{EngineFacts, Run, Skipped};
use bench::schedule::{self, Outcome};
use bench::spent::Spent;
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The sizes that every sample has.
const SIZES: [&str; 3] = ["small", "medium", "large"];

/// Runs the task.
///
/// # Errors
/// When nothing could be measured, or results could not be written.
pub fn run(args: &BenchArgs, paths: &Paths) -> Result<Exit> {
    if !args.own.wasm.is_empty() {
        return module::run(args, paths);
    }
    let request = Request::check(args, paths)?;
    if args.list {
        request.print();
        return Ok(Exit::Done);
    }
    let counting = args.counters.map(probes::Counting::check).transpose()?;
    if args.criterion {
        let Request { engines, samples, .. } = &request;
        return criterion::run(Choice { engines, samples, arguments: &args.criterion_arguments }, paths);
    }
    let interrupted = interrupt::watch()?;
    let manifest = samples::build(paths, &toolchain::prepare(paths)?, &request.samples, &request.variants)?;
    let wanted: Vec<&str> = request.engines.iter().map(String::as_str).collect();
    let engines = engines::prepare(&engines::read(paths)?, &wanted, paths, Build::Yes)?;
    let plan = plan(ready(&engines)?, request.cases(&manifest, paths), request.effort, args.seed, paths);
    let _alone = exclusive::wait(paths)?;
    let folder = new_run_folder(paths, "")?;
    let file = describe(&manifest, &engines, &plan);
    let looks = Looks { memory: !args.no_memory, counting };
    carry_out(plan, file, looks, &folder, interrupted)
}

/// What a run looks at besides its times.
pub struct Looks {
    /// Whether the memory of every phase is read.
    pub memory: bool,
    /// How instructions are counted, where they are.
    pub counting: Option<probes::Counting>,
}

/// Measures `plan` and reports it: every file of the run goes to `folder`, `file` among them.
///
/// # Errors
/// When nothing could be measured, or results could not be written.
pub fn carry_out(
    mut plan: Plan,
    mut file: Run,
    looks: Looks,
    folder: &Path,
    interrupted: &AtomicBool,
) -> Result<Exit> {
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    let start = Instant::now();
    let mut recorder =
        Recorder::create(folder).with_context(|| format!("creating files in {}", folder.display()))?;
    if looks.memory {
        let memory_s = probes::memory(&plan, folder, &mut recorder, interrupted)?;
        // It comes with every run, so its time is the run's.
        let left = |budget: Duration| budget.saturating_sub(Duration::from_secs_f64(memory_s));
        plan.effort.time_budget = plan.effort.time_budget.map(left);
        file.memory_s = Some(memory_s);
    }
    file.counters = probes::counters(looks.counting, &plan, folder, interrupted)?;
    let outcome = measure(&plan, &mut recorder, interrupted).with_context(|| {
        format!("measuring; the readings so far are in {}", folder.join(results::READINGS_FILE).display())
    })?;
    file.finish(&outcome, start.elapsed().as_secs_f64());
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    report::print(folder, &mut file, &plan, &outcome)
}

/// What was asked for, every name checked, before anything is built.
struct Request {
    engines: Vec<String>,
    samples: Vec<String>,
    variants: Vec<String>,
    size: String,
    effort: Effort,
}

impl Request {
    fn check(args: &BenchArgs, paths: &Paths) -> Result<Request> {
        let families = engines::read(paths)?;
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let selection = &args.selection;
        Ok(Request {
            engines: owned(select::select("engine", &selection.engines, &engines::names(&families))?),
            samples: samples::select(&selection.samples, paths)?,
            variants: owned(select::select("variant", &args.variants, &samples::VARIANTS)?),
            size: select::one("size", &args.size, &SIZES)?.to_owned(),
            effort: effort(args)?,
        })
    }

    fn print(&self) {
        println!("engines:  {}", self.engines.join(", "));
        println!("samples:  {}", self.samples.join(", "));
        println!("variants: {}", self.variants.join(", "));
        println!("size:     {}", self.size);
        println!("cells:    {}", self.engines.len() * self.samples.len() * self.variants.len());
    }

    fn cases(&self, manifest: &Manifest, paths: &Paths) -> Vec<Case> {
        let wasm = paths.wasm();
        let chosen = manifest.samples.iter().filter(|sample| self.samples.contains(&sample.name));
        let cases = chosen.flat_map(|sample| {
            self.variants.iter().filter_map(|variant| Case::new(sample, variant, &self.size, &wasm))
        });
        cases.collect()
    }
}

/// The effort that the command line asks for.
///
/// # Errors
/// When a duration or a percentage is none.
pub fn effort(args: &BenchArgs) -> Result<Effort> {
    let asked = |text: &Option<String>| text.as_deref().map(duration).transpose();
    let precision = args.precision.as_deref().map(fraction).transpose()?;
    let effort = if args.quick { Effort::quick() } else { Effort::full() };
    let limit = asked(&args.limit)?.unwrap_or(effort.limit);
    ensure!(!limit.is_zero(), "`--limit` leaves no time for an answer; write it as 10s or 2m");
    Ok(Effort {
        time_budget: asked(&args.time_budget)?.or(effort.time_budget),
        limit,
        pin: args.pin,
        repeat_disturbed: !args.keep_disturbed,
        precision: if args.quick { effort.precision } else { precision.or(effort.precision) },
        ..effort
    })
}

/// The engines that can be measured.
///
/// # Errors
/// When there is none.
pub fn ready(engines: &[Engine]) -> Result<Vec<EngineSpec>> {
    let ready: Vec<EngineSpec> = engines.iter().filter_map(Engine::ready).cloned().collect();
    if ready.is_empty() {
        bail!("none of these engines can be measured here; `cargo xtask engines` says why");
    }
    Ok(ready)
}

/// The plan of a run, with the A/A control where rounds are enough for verdicts.
pub fn plan(
    mut engines: Vec<EngineSpec>,
    cases: Vec<Case>,
    effort: Effort,
    seed: Option<u64>,
    paths: &Paths,
) -> Plan {
    if effort.precision.is_some() {
        engines.extend(twin(&engines));
    }
    let seed = seed.unwrap_or_else(seed_of_now);
    Plan { engines, cases, effort, seed, artifacts: artifacts(paths) }
}

/// Where this process keeps artifacts while they are needed.
pub fn artifacts(paths: &Paths) -> PathBuf {
    paths.generated.join("artifacts").join(std::process::id().to_string())
}

/// A second entry for one engine, the A/A control: one that is cheap to run, so that it costs
/// little, and that compiles to machine code, so that it stands for the others.
fn twin(engines: &[EngineSpec]) -> Option<EngineSpec> {
    let runs_wasm = || engines.iter().filter(|engine| !engine.is_native());
    let usual = runs_wasm().find(|engine| engine.name.ends_with("-cranelift"));
    usual.or_else(|| runs_wasm().next()).map(EngineSpec::twin)
}

/// A fraction, from a percentage such as `2%`.
fn fraction(text: &str) -> Result<f64> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    let percent = percent.filter(|percent| *percent > 0.0 && percent.is_finite());
    Ok(percent.with_context(|| format!("`{text}` is no precision; write it as 2% or 0.5%"))? / 100.0)
}

/// A duration such as `90s`, `10m` or `1h`.
///
/// # Errors
/// When it is none.
pub fn duration(text: &str) -> Result<Duration> {
    humantime::parse_duration(text)
        .with_context(|| format!("`{text}` is no duration; write it as 90s, 10m or 1h"))
}

/// A seed that differs from run to run.
pub fn seed_of_now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since_epoch.subsec_nanos())
}

/// The time in UTC, such as `2026-01-31T12:00:00Z`.
pub fn now_utc() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A folder of the run's own, named by `prefix` and the time.
///
/// # Errors
/// When it cannot be made.
pub fn new_run_folder(paths: &Paths, prefix: &str) -> Result<PathBuf> {
    // Colons are awkward in file names.
    let now = format!("{prefix}{}", now_utc().replace(':', "-"));
    std::fs::create_dir_all(paths.results())
        .with_context(|| format!("creating {}", paths.results().display()))?;
    for attempt in 1.. {
        let name = if attempt == 1 { now.clone() } else { format!("{now}-{attempt}") };
        let folder = paths.results().join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("creating {}", folder.display())),
        }
    }
    bail!("no free name in {}", paths.results().display())
}

/// What is known of a run of `plan` before it begins.
pub fn describe(manifest: &Manifest, engines: &[Engine], plan: &Plan) -> Run {
    let facts = |engine: &Engine| {
        engine.ready().map(|spec| EngineFacts {
            name: spec.name.clone(),
            licence: engine.configuration.licence.clone(),
            hello: spec.hello.clone(),
        })
    };
    let skipped = |engine: &Engine| match &engine.state {
        State::Unavailable(missing) => Some(Skipped {
            name: engine.configuration.name.clone(),
            reason: missing.reason.clone(),
            command: missing.command.clone(),
        }),
        State::Ready(_) | State::NotBuilt => None,
    };
    Run {
        arguments: std::env::args().skip(1).collect(),
        started_utc: now_utc(),
        program_sha256: std::env::current_exe().and_then(std::fs::read).ok().map(|bytes| sha256(&bytes)),
        duration_s: None,
        memory_s: None,
        counters: None,
        seed: plan.seed,
        rounds_planned: plan.effort.rounds,
        rounds: 0,
        disturbed_rounds: 0,
        repeated_rounds: 0,
        interrupted: false,
        stolen_cpu_ns: 0,
        spent: Spent::default(),
        calibration_ns: None,
        machine: Machine::read(),
        sample_compiler: manifest.toolchain.clone(),
        engines: engines.iter().filter_map(facts).collect(),
        skipped: engines.iter().filter_map(skipped).collect(),
        notes: Vec::new(),
        modules: Run::modules_of(manifest, plan),
    }
}

/// Measures `plan` under a bar that shows how far it is.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn measure(plan: &Plan, recorder: &mut Recorder, interrupted: &AtomicBool) -> std::io::Result<Outcome> {
    let mut bar: Option<(bool, ProgressBar)> = None;
    let cells = plan.engines.len() * plan.cases.len();
    eprintln!("checking {cells} cells, then up to {} rounds (seed {})", plan.effort.rounds, plan.seed);
    let outcome = schedule::run(plan, recorder, interrupted, |progress| {
        let survey = progress.round == 0;
        if bar.as_ref().is_none_or(|(of_survey, _)| *of_survey != survey) {
            if let Some((_, old)) = bar.take() {
                old.finish_and_clear();
            }
            bar = Some((survey, progress::bar(progress.total, "")));
        }
        if let Some((_, bar)) = &bar {
            bar.set_position(progress.done);
            bar.set_message(match progress.round {
                0 => format!("checking {}", progress.doing),
                round => format!("round {round}: {}", progress.doing),
            });
        }
    });
    if let Some((_, bar)) = bar {
        bar.finish_and_clear();
    }
    outcome
}
