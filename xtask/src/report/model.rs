//! The data model of a run, read from the files of its folder alone. Every table and every rendering is
//! made from it, at the end of a run and later.

use anyhow::{Context, Result, bail};
use bench::analysis::warm_up::{self, WarmUp};
use bench::analysis::{Summary, drift};
use bench::probe::counters::{COUNTERS_FILE, Count};
use bench::probe::memory::{MEMORY_FILE, Peak};
use bench::record::{
    self, ArtifactSize, CaseFacts, CellId, EMPTY_CALLS_FILE, EmptyCallReading, FAILURES_FILE, FORMAT,
    Failure, ROUNDS_FILE, RUN_FILE, RoundState, Run, SIZES_FILE, WARM_UP_FILE, WarmUpReading,
};
use bench::stats::{self, Drift};
use protocol::Phase;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The difference up to which two times count as equal where no precision was asked for, as a fraction.
const EQUAL_WITHIN: f64 = 0.02;

/// A call that takes as many empty ones shows what is in it, rather than the way in.
const LONG_CALL: f64 = 100.0;

/// A run, finished or not.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// Its folder.
    pub folder: PathBuf,
    /// `run.json`.
    pub run: Run,
    /// The engines that are measured, in the order of their rows; native code first.
    pub engines: Vec<String>,
    /// Those of them that the others' calls are compared with.
    pub baselines: Vec<String>,
    /// The cases, in the order of every table.
    pub cases: Vec<CaseFacts>,
    /// Rounds that are finished and count.
    pub rounds: usize,
    /// The times, without the cells that failed and without warm calls that are not steady.
    pub summary: Summary,
    /// The artifacts' bytes.
    pub sizes: Vec<ArtifactSize>,
    /// What has no time, and why.
    pub failures: Vec<Failure>,
    /// The peaks of memory; `None` where they were not read.
    pub peaks: Option<Vec<Peak>>,
    /// What the warm-up series show, by cell.
    pub warm_ups: BTreeMap<CellId, WarmUp>,
    /// What a call that does nothing takes, in nanoseconds, by engine.
    pub empty_calls: BTreeMap<String, f64>,
    /// The counted instructions; `None` where they were not counted.
    pub counts: Option<Vec<Count>>,
    /// The drift of the machine's speed, where there are rounds enough to compute it.
    pub drift: Option<Drift>,
    /// What the files do not say, one sentence each.
    pub gaps: Vec<String>,
}

impl RunReport {
    /// Reads the run in `folder`, as far as it goes.
    ///
    /// # Errors
    /// When there is no run, when a newer version wrote it, or when a file cannot be read.
    pub fn read(folder: &Path) -> Result<RunReport> {
        Self::of(folder, read_run(folder)?)
    }

    /// As [`read`](Self::read), where `run.json` is what is looked for.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_if(folder: &Path, is_wanted: impl Fn(&Run) -> bool) -> Result<Option<RunReport>> {
        let run = read_run(folder)?;
        is_wanted(&run).then(|| Self::of(folder, run)).transpose()
    }

    fn of(folder: &Path, run: Run) -> Result<RunReport> {
        let mut gaps = Vec::new();
        let rounds: Vec<RoundState> = lines(&folder.join(ROUNDS_FILE))?.unwrap_or_default();
        let mut failures: Vec<Failure> = lines(&folder.join(FAILURES_FILE))?.unwrap_or_default();
        let mut readings = match folder.join(record::READINGS_FILE) {
            file if file.exists() => record::read_used(folder).with_context(|| unreadable(&file))?,
            _ => Vec::new(),
        };
        if readings.is_empty() {
            gaps.push("no reading was taken".to_owned());
        }
        let ended = failures.iter().filter(|one| one.kind.ends_cell());
        Summary::before_failures(&mut readings, &ended.map(|one| (one.cell(), one.round)).collect());
        let failed = failures.iter().filter(|one| one.kind.loses_all());
        let mut summary = Summary::of(&readings).without(&failed.map(Failure::cell).collect());
        let series: Vec<WarmUpReading> = lines(&folder.join(WARM_UP_FILE))?.unwrap_or_default();
        let warm_ups = warm_up::warm_ups(&series);
        failures.extend(super::steady::take_out(&run, &warm_ups, &mut summary));
        let mut cases = run.cases.clone();
        if cases.is_empty() && !readings.is_empty() {
            gaps.push(
                "older version: run.json lists no cases, so they are taken from the readings".to_owned(),
            );
            cases = cases_of(&run, &summary, &failures);
        }
        Ok(RunReport {
            folder: folder.to_owned(),
            engines: run.engines.iter().map(|engine| engine.name.clone()).collect(),
            baselines: run.engines.iter().filter(|one| one.baseline).map(|one| one.name.clone()).collect(),
            cases,
            rounds: rounds.iter().filter(|one| one.used).map(|one| one.round).collect::<BTreeSet<_>>().len(),
            sizes: lines(&folder.join(SIZES_FILE))?.unwrap_or_default(),
            failures,
            peaks: lines(&folder.join(MEMORY_FILE))?,
            warm_ups,
            empty_calls: empty_calls(&lines(&folder.join(EMPTY_CALLS_FILE))?.unwrap_or_default()),
            counts: lines(&folder.join(COUNTERS_FILE))?,
            drift: Self::drift_of(&run, &summary),
            summary,
            gaps,
            run,
        })
    }

    /// The drift of the machine's speed; the times of a merged run are from several machines.
    pub fn drift_of(run: &Run, summary: &Summary) -> Option<Drift> {
        drift::drift(summary, &run.earlier_calibration_ns).filter(|_| !run.is_merged())
    }

    /// The difference, as a fraction, up to which two times count as equal: the precision that was asked for.
    pub fn equal_within(&self) -> f64 {
        self.run.precision.unwrap_or(EQUAL_WITHIN)
    }

    /// The names of the engines that are measured.
    pub fn engine_names(&self) -> Vec<&str> {
        self.engines.iter().map(String::as_str).collect()
    }

    /// Whether `engine` is native code that others are compared with.
    pub fn is_baseline(&self, engine: &str) -> bool {
        self.baselines.iter().any(|baseline| baseline == engine)
    }

    /// The engines that compile or translate a function when it is called first: their a+b is no whole compilation.
    pub fn lazy_engines(&self) -> Vec<&str> {
        self.run.engines.iter().filter(|one| one.lazy).map(|one| one.name.as_str()).collect()
    }

    /// The engines of `engines` that can be compared in `phase`.
    pub fn comparable<'a>(&self, engines: &[&'a str], phase: Phase) -> Vec<&'a str> {
        let lazy = if phase == Phase::AbCompile { self.lazy_engines() } else { Vec::new() };
        engines.iter().copied().filter(|name| !lazy.contains(name)).collect()
    }

    /// Whether a call of `engine` that takes `call_ns` is so short that the way into the module is a large part of it.
    pub fn is_short(&self, engine: &str, call_ns: f64) -> bool {
        self.empty_calls.get(engine).is_some_and(|empty_ns| call_ns < LONG_CALL * empty_ns)
    }

    /// The peaks of memory; none where they were not read.
    pub fn all_peaks(&self) -> &[Peak] {
        self.peaks.as_deref().unwrap_or_default()
    }

    /// The failure of a whole cell, where it failed.
    pub fn failure_of(&self, cell: &CellId) -> Option<&Failure> {
        self.failures.iter().find(|one| one.kind.loses_all() && one.cell() == *cell)
    }

    /// The artifact of `engine` on `case`; `None` where it has none, or the cell failed.
    pub fn artifact(&self, engine: &str, case: &CaseFacts) -> Option<&ArtifactSize> {
        let here = |size: &&ArtifactSize| {
            size.engine == engine && size.sample == case.sample && size.variant == case.variant
        };
        let size = self.sizes.iter().find(here)?;
        self.failure_of(&case.subject(engine)).is_none().then_some(size)
    }

    /// The cells of subjects that failed, or ended early and keep the rounds before, each with its first
    /// failure.
    pub fn failed_cells(&self) -> Vec<&Failure> {
        let mut seen = BTreeSet::new();
        let is_failed = |one: &&Failure| one.kind.is_fault() && one.entry.is_subject();
        self.failures.iter().filter(is_failed).filter(|one| seen.insert(one.cell())).collect()
    }

    /// Why the run ended early, where it did.
    pub fn cut_short(&self) -> Option<&'static str> {
        match (self.run.duration_s, self.run.interrupted) {
            (None, _) => Some("killed or still under way"),
            (Some(_), true) => Some("interrupted"),
            (Some(_), false) => None,
        }
    }
}

/// The geometric mean over processes of each one's median, in nanoseconds.
fn empty_calls(readings: &[EmptyCallReading]) -> BTreeMap<String, f64> {
    let mut engines: BTreeMap<&str, BTreeMap<u32, Vec<f64>>> = BTreeMap::new();
    for one in readings {
        let processes = engines.entry(&one.engine).or_default();
        processes.entry(one.process).or_default().push(one.wall_ns as f64 / one.calls as f64);
    }
    let value = |processes: BTreeMap<u32, Vec<f64>>| {
        stats::geometric_mean(processes.into_values().filter_map(|mut times| stats::median(&mut times)))
    };
    let engines = engines.into_iter();
    engines.filter_map(|(engine, processes)| Some((engine.to_owned(), value(processes)?))).collect()
}

/// Reads `run.json` in `folder`.
fn read_run(folder: &Path) -> Result<Run> {
    let file = folder.join(RUN_FILE);
    let text = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    let json: serde_json::Value = serde_json::from_slice(&text).with_context(|| {
        format!("{} is not JSON: it is damaged, or no file of wasm-phases", file.display())
    })?;
    let format = json.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if format > u64::from(FORMAT) {
        bail!(
            "a newer version of wasm-phases made this run: its files have version {format}, and this \
             version reads up to {FORMAT} ({})",
            file.display()
        );
    }
    serde_json::from_value(json).with_context(|| unreadable(&file))
}

/// The lines of a CSV file; `None` where it is not there.
fn lines<T: DeserializeOwned>(file: &Path) -> Result<Option<Vec<T>>> {
    let lines = file.exists().then(|| record::read_all(file)).transpose();
    lines.with_context(|| unreadable(file))
}

fn unreadable(file: &Path) -> String {
    format!("{} is damaged, or another version of wasm-phases wrote it", file.display())
}

/// The cases of a run whose `run.json` does not list them: those that have a reading or a failure, in the
/// order of its modules.
fn cases_of(run: &Run, summary: &Summary, failures: &[Failure]) -> Vec<CaseFacts> {
    let engines: BTreeSet<&str> = run.engines.iter().map(|engine| engine.name.as_str()).collect();
    let failed: Vec<CellId> = failures.iter().map(Failure::cell).collect();
    let cells = summary.cells().chain(&failed).filter(|cell| engines.contains(cell.engine.as_str()));
    let place = |case: &CaseFacts| run.modules.iter().position(|module| module.sample == case.sample);
    let mut cases: Vec<CaseFacts> = cells.map(CaseFacts::of_cell).collect();
    cases.sort_by(|a, b| {
        (place(a), &a.sample, &a.variant, &a.size).cmp(&(place(b), &b.sample, &b.variant, &b.size))
    });
    cases.dedup();
    cases
}
