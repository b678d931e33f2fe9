//! Two runs against each other: whether they may be compared, what changed, and what an exit status says
//! of it. The data of `cargo xtask compare`; `text.rs` renders it.

pub mod differences;
mod text;

pub use differences::{DifferenceName, RunDifference, differences};

use super::model::RunReport;
use bench::analysis::changes::{CellChange, ChangeRow, TwoRuns, changes};
use bench::analysis::drift;
use bench::machine::CALIBRATION;
use bench::record::{CellId, Failure, FailureKind};
use bench::stats::ChangeVerdict;
use serde::Serialize;
use std::collections::BTreeSet;

/// What is asked of two runs.
pub struct Question<'a> {
    /// The change that still counts as none, as a fraction.
    pub margin: f64,
    /// The engine that times are divided by; native code where none is named.
    pub reference: Option<&'a str>,
    /// The slowdown that a gate stops, as a fraction.
    pub slower_than: Option<f64>,
}

/// The comparison of two runs.
#[derive(Serialize)]
pub struct RunComparison {
    /// The first run.
    pub base: ComparedRun,
    /// The second.
    pub new: ComparedRun,
    /// What differs between them, on purpose.
    pub differences: Vec<RunDifference>,
    /// The change that still counts as none, in percent.
    pub margin_percent: f64,
    /// The slowdown that fails, in percent; `None` without such a gate.
    pub fail_if_slower_percent: Option<f64>,
    /// How many changes were tested and corrected together.
    pub tests: usize,
    /// By how much more time the calibration kernel took in the second run, in percent; `None` where it
    /// is not the same kernel on the same machine.
    pub level_change_percent: Option<f64>,
    /// How many changes have each verdict.
    pub counts: Counts,
    /// Every change, those that were found first, the greatest first.
    pub changes: Vec<ChangeRow>,
    /// Cells of one run alone.
    pub only_in_base: Vec<String>,
    /// Cells of the other alone.
    pub only_in_new: Vec<String>,
    /// Cells that failed in either run and are measured in both, with the reason.
    pub failed: Vec<String>,
    /// What a reader must know.
    pub notes: Vec<String>,
    #[serde(skip)]
    cells: Vec<CellChange>,
}

/// A run that is compared.
#[derive(Serialize)]
pub struct ComparedRun {
    /// Its folder, as a person would write it.
    pub folder: String,
    /// When it began, in UTC.
    pub started_utc: String,
    /// Rounds that count.
    pub rounds: usize,
    /// Why it ended early, where it did.
    pub cut_short: Option<&'static str>,
}

/// How many changes have each verdict.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The second run takes more time.
    pub slower: usize,
    /// More time by more than the gate allows, with the whole interval.
    pub too_slow: usize,
    /// The second run takes less time.
    pub faster: usize,
    /// The change is smaller than the margin.
    pub same: usize,
    /// Neither.
    pub not_resolved: usize,
    /// Not tested, for lack of rounds.
    pub too_few_rounds: usize,
    /// Not tested, for lack of a reference that both runs have.
    pub no_reference: usize,
}

impl RunComparison {
    /// Compares `new` with `base`; `names` say how a person would write their folders.
    pub fn of(
        (base, new): (&RunReport, &RunReport),
        names: (String, String),
        differences: Vec<RunDifference>,
        question: &Question<'_>,
    ) -> RunComparison {
        let same_machine = differences.iter().all(|one| one.what != DifferenceName::Machine);
        let same_kernel = base.run.kernel_sha256.is_some() && base.run.kernel_sha256 == new.run.kernel_sha256;
        let comparable = same_machine && same_kernel && !base.run.is_merged() && !new.run.is_merged();
        let level = |run: &RunReport| drift::level_ns(&run.summary).filter(|_| comparable);
        let levels = level(base).zip(level(new));
        let drifts = base.drift.zip(new.drift).filter(|_| same_machine);
        let cells = changes(&TwoRuns {
            base: &base.summary,
            new: &new.summary,
            drifts: drifts.map(|own| levels.map_or(own, |levels| drift::between(levels, own))),
            references: &references(base, new, question.reference),
            same_kernel: same_kernel && question.reference.is_none(),
            margin: question.margin,
        });
        let level_change = levels.map(|(base, new)| 100.0 * (new / base - 1.0));
        let (only_in_base, only_in_new) = (only_in(base, new), only_in(new, base));
        let mut comparison = RunComparison {
            base: ComparedRun::of(base, names.0),
            new: ComparedRun::of(new, names.1),
            differences,
            margin_percent: 100.0 * question.margin,
            fail_if_slower_percent: question.slower_than.map(|fraction| 100.0 * fraction),
            tests: cells.iter().filter(|one| one.tested.change.is_some()).count(),
            level_change_percent: level_change,
            counts: Counts::of(&cells, question.slower_than),
            changes: cells.iter().map(ChangeRow::of).collect(),
            only_in_base,
            only_in_new,
            failed: failed(base, new),
            notes: Vec::new(),
            cells,
        };
        let disturbed = [disturbed(base, "base"), disturbed(new, "new")];
        comparison.notes = comparison.notes(disturbed, same_machine, same_kernel);
        comparison
    }

    /// The changes that the gate stops, each as `engine on sample: phase`.
    pub fn too_slow(&self) -> Vec<String> {
        let Some(percent) = self.fail_if_slower_percent else { return Vec::new() };
        let stopped = self.cells.iter().filter(|one| one.tested.verdict.is_slower_by(percent / 100.0));
        stopped.map(|one| format!("{}: {}", name_of(&one.cell), one.phase)).collect()
    }

    fn notes(&self, disturbed: [Option<String>; 2], same_machine: bool, same_kernel: bool) -> Vec<String> {
        let mut notes = Vec::new();
        for (run, which) in [(&self.base, "base"), (&self.new, "new")] {
            notes.extend(run.cut_short.map(|why| format!("the {which} run was cut short: {why}")));
        }
        notes.extend(disturbed.into_iter().flatten());
        if !same_machine {
            notes.push("the machines differ, so ratios are compared and times are not".to_owned());
        }
        if self.counts.no_reference > 0 {
            let why = if same_kernel {
                "the engine of --reference has no such time in both runs"
            } else {
                "native code has no such time in both runs, and the calibration kernels are of two builds of \
                 wasm-phases; name an engine that both runs have with --reference"
            };
            notes.push(format!("{} changes have nothing to divide by: {why}", self.counts.no_reference));
        }
        if self.counts.too_few_rounds > 0 {
            notes.push(format!(
                "{} changes were not tested: both runs need ten rounds (bench without --quick)",
                self.counts.too_few_rounds
            ));
        }
        let mut only = |cells: &[String], which: &str| {
            if let Some(first) = cells.first() {
                notes.push(format!("{} cells are in the {which} run alone, such as {first}", cells.len()));
            }
        };
        only(&self.only_in_base, "base");
        only(&self.only_in_new, "new");
        notes
    }
}

impl ComparedRun {
    fn of(report: &RunReport, folder: String) -> ComparedRun {
        ComparedRun {
            folder,
            started_utc: report.run.started_utc.clone(),
            rounds: report.rounds,
            cut_short: report.cut_short(),
        }
    }
}

impl Counts {
    fn of(changes: &[CellChange], slower_than: Option<f64>) -> Counts {
        let mut counts = Counts::default();
        for CellChange { tested, .. } in changes {
            let count = match tested.verdict {
                ChangeVerdict::Slower { .. } => &mut counts.slower,
                ChangeVerdict::Faster { .. } => &mut counts.faster,
                ChangeVerdict::Same { .. } => &mut counts.same,
                ChangeVerdict::NotResolved { .. } => &mut counts.not_resolved,
                ChangeVerdict::TooFewRounds => &mut counts.too_few_rounds,
                ChangeVerdict::NoReference => &mut counts.no_reference,
            };
            *count += 1;
            counts.too_slow +=
                usize::from(slower_than.is_some_and(|limit| tested.verdict.is_slower_by(limit)));
        }
        counts
    }

    /// The changes that were not tested or are not resolved.
    pub fn open(&self) -> usize {
        self.not_resolved + self.too_few_rounds + self.no_reference
    }
}

/// What to know of a run in which rounds count that shared the machine with other work. A compiler with
/// several threads then takes longer, and a reference with one thread does not.
fn disturbed(report: &RunReport, which: &str) -> Option<String> {
    let counted = report.run.disturbed_rounds.saturating_sub(report.run.repeated_rounds);
    (counted > 0).then(|| {
        format!(
            "{counted} rounds that count in the {which} run were disturbed by other work: what is slower or faster, \
             above all compiling with several threads, may be due to that"
        )
    })
}

/// The engines that times may be divided by: the one that is asked for, else native code.
fn references(base: &RunReport, new: &RunReport, asked: Option<&str>) -> Vec<String> {
    match asked {
        Some(engine) => vec![engine.to_owned()],
        None => base.baselines.iter().filter(|name| new.is_baseline(name)).cloned().collect(),
    }
}

/// The cells of `run` that have a time and that `other` does not have.
fn only_in(run: &RunReport, other: &RunReport) -> Vec<String> {
    let subject = |cell: &&CellId| cell.is_subject() && cell.engine != CALIBRATION;
    let cells = run.summary.cells().filter(subject).filter(|cell| other.summary.cell(cell).is_none());
    cells.map(name_of).collect()
}

/// The cells that both runs have and that failed in one of them.
fn failed(base: &RunReport, new: &RunReport) -> Vec<String> {
    let mut failed = Vec::new();
    for (run, other, which) in [(base, new, "base"), (new, base, "new")] {
        let known: BTreeSet<CellId> =
            other.summary.cells().cloned().chain(other.failures.iter().map(Failure::cell)).collect();
        let of_run = run.failed_cells().into_iter().filter(|one| known.contains(&one.cell()));
        failed.extend(
            of_run.map(|one| format!("{} (in the {which} run): {}", name_of(&one.cell()), one.reason)),
        );
        let probes =
            run.failures.iter().filter(|one| one.kind == FailureKind::Failed && !one.entry.is_subject());
        failed.extend(probes.map(|one| {
            format!("the control of {} (in the {which} run): {}", name_of(&one.cell()), one.reason)
        }));
    }
    failed
}

/// `cell` in words.
fn name_of(cell: &CellId) -> String {
    format!("{} on {} ({}, {})", cell.engine, cell.sample, cell.variant, cell.size)
}
