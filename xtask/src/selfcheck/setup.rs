//! What the checks measure with: the engines that take part, the samples, and one way to make a run
//! whose readings and facts stand beside those of every other run.

use super::cheapest;
use crate::engines::{self, Build, PreparedEngine, Wanted, WasiUse};
use crate::host::interrupt;
use crate::host::paths::Paths;
use crate::run::{self, describe, folder, kernel};
use crate::samples::Variant;
use crate::{samples, toolchain};
use anyhow::{Context, Result, bail};
use bench::analysis::Summary;
use bench::analysis::drift as bench_drift;
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Effort, EngineSpec, Plan};
use bench::record::RunOutcome;
use bench::record::TimeUse;
use bench::record::{self, Recorder};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the names of the folders of its runs begin with.
pub const RUN_PREFIX: &str = "selfcheck-";

/// The variant that is measured: every engine takes it.
const VARIANT: Variant = Variant::Stripped;
/// The arguments that are measured, where a check has none of its own.
const SIZE: &str = "small";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'a> {
    /// Engine configurations.
    pub engines: &'a [&'a str],
    /// Whether they are built where they are not.
    pub build: bool,
    /// How long to pause between the runs of a check that compares runs.
    pub pause: Duration,
    /// Seed of the random orders.
    pub seed: u64,
}

/// Engines and samples that are ready, and what was measured with them.
pub struct Setup<'a> {
    /// Where everything is.
    pub paths: &'a Paths,
    /// The samples that every command takes where nothing is asked for.
    pub manifest: Manifest,
    /// Every engine and its state.
    pub all: Vec<PreparedEngine>,
    /// The engines that run wasm and take part, the cheapest first.
    pub engines: Vec<EngineSpec>,
    /// Native code for the oldest CPU.
    pub native: Option<EngineSpec>,
    /// Every run so far.
    pub runs: Vec<RunNote>,
    /// How long to pause between the runs of a check that compares runs.
    pub pause: Duration,
    seed: u64,
    interrupted: &'static AtomicBool,
}

/// What is remembered of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunNote {
    /// Its folder.
    pub folder: PathBuf,
    /// Seed of its random order.
    pub seed: u64,
    /// Rounds that count.
    pub rounds: u32,
    /// Rounds that shared the machine with other work.
    pub disturbed_rounds: u32,
    /// Processor time that stopped workers used, in nanoseconds.
    pub stolen_cpu_ns: u64,
    /// Where its time went.
    pub time_use: TimeUse,
    /// How long it took, in seconds.
    pub duration_s: f64,
}

/// A run that is over.
pub struct Measured {
    /// Its folder.
    pub folder: PathBuf,
    /// Its readings, summarised.
    pub summary: Summary,
}

impl<'a> Setup<'a> {
    /// Prepares samples and engines: those that are built already, and native code in any case.
    /// With `asked.build`, the engines asked for are built too.
    ///
    /// # Errors
    /// When there are no samples or no engine that runs wasm.
    pub fn prepare(asked: CheckOptions<'_>, paths: &'a Paths) -> Result<Setup<'a>> {
        let runtimes = engines::read_for(asked.engines.iter().copied(), paths)?;
        let names = engines::names(&runtimes);
        let chosen = asked.engines;
        let usual = samples::core(paths)?;
        let toolchain = toolchain::prepare(paths)?;
        let mut manifest = samples::build(paths, &toolchain, &usual, &[VARIANT])?;
        manifest.samples.retain(|sample| usual.contains(&sample.name));
        let natives = cheapest::natives(&runtimes);
        let wanted = |names, build| Wanted { names, wasi: WasiUse::Nowhere, build };
        engines::prepare(&runtimes, wanted(&natives, Build::Yes), paths)?;
        if asked.build {
            engines::prepare(&runtimes, wanted(chosen, Build::Yes), paths)?;
        }
        let all = engines::prepare(&runtimes, wanted(&names, Build::No), paths)?;
        let ready: Vec<EngineSpec> = all.iter().filter_map(PreparedEngine::ready).cloned().collect();
        let native = ready.iter().find(|engine| engine.is_native()).cloned();
        let wasm = ready.into_iter().filter(|one| !one.is_native() && chosen.contains(&one.name.as_str()));
        let setup = Setup {
            paths,
            manifest,
            all,
            engines: wasm.collect(),
            native,
            runs: Vec::new(),
            pause: asked.pause,
            seed: asked.seed,
            interrupted: interrupt::measuring(),
        };
        if setup.engines.is_empty() {
            bail!(
                "no engine asked for (by default @default) that runs wasm is built; `cargo xtask engines --build` builds them"
            );
        }
        Ok(setup)
    }

    /// Leaves only the cheapest engines, by a trial of each.
    ///
    /// # Errors
    /// When none can go through the trial.
    pub fn keep_the_cheapest(&mut self) -> Result<()> {
        self.engines = cheapest::cheapest(&self.engines, &self.cases(3), &self.artifacts())?;
        Ok(())
    }

    /// Whether the user wants it to end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The case of the sample called `sample`; `None` where the catalogue has none.
    pub fn case(&self, sample: &str) -> Option<Case> {
        let sample = self.manifest.samples.iter().find(|known| known.name == sample)?;
        Case::new(sample, VARIANT.name(), SIZE, &self.paths.wasm())
    }

    /// `count` cases, spread over the samples so that they are unlike each other.
    pub fn cases(&self, count: usize) -> Vec<Case> {
        let samples = &self.manifest.samples;
        let count = count.min(samples.len());
        let names = (0..count).map(|index| samples[index * samples.len() / count].name.as_str());
        names.filter_map(|name| self.case(name)).collect()
    }

    /// A folder for artifacts of this process.
    pub fn artifacts(&self) -> PathBuf {
        folder::artifacts(self.paths)
    }

    /// A seed that was not used before.
    pub fn next_seed(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(1);
        self.seed
    }

    /// Measures `engines` on `cases`; the readings go to a folder of the run's own, whose name
    /// contains `label`.
    ///
    /// # Errors
    /// When results cannot be written or read, or the user interrupts it.
    pub fn measure(
        &mut self,
        label: &str,
        engines: Vec<EngineSpec>,
        cases: Vec<Case>,
        effort: Effort,
    ) -> Result<Measured> {
        let plan = Plan {
            engines,
            cases,
            effort,
            seed: self.next_seed(),
            artifacts: self.artifacts(),
            kernel: kernel::program(self.paths),
        };
        let folder = folder::new_run_folder(self.paths, &format!("{RUN_PREFIX}{label}-"))?;
        let mut file = describe::describe(&self.manifest, &self.all, &plan);
        file.write(&folder).with_context(|| format!("writing to {}", folder.display()))?;
        let start = Instant::now();
        let mut recorder =
            Recorder::create(&folder).with_context(|| format!("creating files in {}", folder.display()))?;
        let outcome = run::measure(&plan, &mut recorder, self.interrupted)
            .with_context(|| format!("measuring; the readings so far are in {}", folder.display()))?;
        let took = start.elapsed();
        file.finish(&outcome, took.as_secs_f64());
        file.write(&folder).with_context(|| format!("writing to {}", folder.display()))?;
        self.note(&folder, plan.seed, &outcome, took);
        if outcome.interrupted {
            bail!("interrupted; the readings so far are in {}", folder.display());
        }
        let summary = Summary::of(&record::read_used(&folder)?);
        // Beside a load, the level is not the machine's.
        file.calibration_ns = bench_drift::level_ns(&summary).filter(|_| plan.effort.repeat_disturbed);
        file.write(&folder).with_context(|| format!("writing to {}", folder.display()))?;
        let drift = bench_drift::drift(&summary, &[]);
        record::write_all(&folder.join(::bench::analysis::SUMMARY_FILE), &summary.rows(drift))?;
        Ok(Measured { folder, summary })
    }

    fn note(&mut self, folder: &std::path::Path, seed: u64, outcome: &RunOutcome, took: Duration) {
        self.runs.push(RunNote {
            folder: folder.to_owned(),
            seed,
            rounds: outcome.rounds,
            disturbed_rounds: outcome.disturbed_rounds,
            stolen_cpu_ns: outcome.stolen_cpu_ns,
            time_use: outcome.time_use,
            duration_s: took.as_secs_f64(),
        });
    }
}
