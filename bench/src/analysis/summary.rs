//! From readings to one value for each cell and phase: the geometric mean over rounds of each round's
//! median, with what lies around it.

use super::series::{Series, TimesByCycle};
use crate::machine::CALIBRATION;
use crate::record::{CellId, CsvRecord, EngineEntry, Reading};
use crate::stats::{self, ByRound, Drift, Ends};
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// `summary.csv`
pub const SUMMARY_FILE: &str = "summary.csv";

/// Where [`Summary::with_aot_totals`] keeps the AOT total, which no pass reads: no pass that makes an
/// artifact runs it.
pub const AOT_TOTAL: (Pass, Phase) = (Pass::Aot, Phase::AotExecute);

/// Every cell's series, wall time and processor time.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    cells: BTreeMap<CellId, CellSeries>,
}

/// The series of one cell.
#[derive(Clone, Debug, Default)]
pub struct CellSeries {
    wall: BTreeMap<(Pass, Phase), Series>,
    cpu: BTreeMap<(Pass, Phase), Series>,
}

impl CellSeries {
    /// Wall time of `phase` as `pass` read it.
    pub fn wall(&self, pass: Pass, phase: Phase) -> Option<&Series> {
        self.wall.get(&(pass, phase))
    }

    /// Processor time of `phase` as `pass` read it.
    pub fn cpu(&self, pass: Pass, phase: Phase) -> Option<&Series> {
        self.cpu.get(&(pass, phase))
    }
}

/// A line of `summary.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// The engine's name.
    pub engine: String,
    /// What the engine is entered as: `subject`, `control` or `injected`.
    pub entry: EngineEntry,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The kind of pass.
    pub pass: Pass,
    /// The phase or total.
    pub phase: Phase,
    /// Rounds that have a value.
    pub rounds: usize,
    /// Readings behind it.
    pub readings: usize,
    /// The lower end, wall time of one repetition, in nanoseconds.
    pub low_wall_ns: f64,
    /// The value, in nanoseconds.
    pub wall_ns: f64,
    /// The upper end, in nanoseconds.
    pub high_wall_ns: f64,
    /// What the ends are: `range` or `t95`.
    pub ends: Ends,
    /// The lower end of the 95% prediction interval for the next run's value, in nanoseconds.
    pub next_low_wall_ns: Option<f64>,
    /// The upper end, in nanoseconds.
    pub next_high_wall_ns: Option<f64>,
    /// Processor time of one repetition, in nanoseconds, where it is read.
    pub cpu_ns: Option<f64>,
}

impl CsvRecord for SummaryRow {
    const COLUMNS: &'static [&'static str] = &[
        "engine",
        "entry",
        "sample",
        "variant",
        "size",
        "pass",
        "phase",
        "rounds",
        "readings",
        "low_wall_ns",
        "wall_ns",
        "high_wall_ns",
        "ends",
        "next_low_wall_ns",
        "next_high_wall_ns",
        "cpu_ns",
    ];
}

type Key<'a> = ((&'a str, EngineEntry), &'a str, &'a str, &'a str, Pass, Phase);

impl Summary {
    /// Summarises `readings`. Cold readings are another quantity: those of passes that are meant to
    /// be warm are left out.
    pub fn of(readings: &[Reading]) -> Summary {
        let mut wall: HashMap<Key<'_>, TimesByCycle> = HashMap::new();
        let mut cpu: HashMap<Key<'_>, TimesByCycle> = HashMap::new();
        for reading in readings.iter().filter(|reading| reading.cold == reading.pass.is_cold()) {
            let key = (
                (reading.engine.as_str(), reading.entry),
                reading.sample.as_str(),
                reading.variant.as_str(),
                reading.size.as_str(),
                reading.pass,
                reading.phase,
            );
            note(wall.entry(key).or_default(), reading, reading.wall_ns);
            if let Some(cpu_ns) = reading.cpu_ns {
                note(cpu.entry(key).or_default(), reading, cpu_ns);
            }
        }
        let mut summary = Summary::default();
        for (key, rounds) in wall {
            summary.phases(&key).wall.insert((key.4, key.5), Series::of(rounds));
        }
        for (key, rounds) in cpu {
            summary.phases(&key).cpu.insert((key.4, key.5), Series::of(rounds));
        }
        summary
    }

    /// Leaves the cells in `failed` out: what was read before they failed is not the time of a right
    /// result.
    pub fn without(mut self, failed: &BTreeSet<CellId>) -> Summary {
        self.cells.retain(|cell, _| !failed.contains(cell));
        self
    }

    /// The readings that come before the failure that ended a cell, for the cells in `ended` with the round in
    /// which that was.
    pub fn before_failures(readings: &mut Vec<Reading>, ended: &BTreeMap<CellId, u32>) {
        if !ended.is_empty() {
            readings.retain(|one| ended.get(&one.cell()).is_none_or(|round| one.round < *round));
        }
    }

    /// Takes the series of `phase` as `pass` read it out of the cell.
    pub fn take(&mut self, cell: &CellId, pass: Pass, phase: Phase) -> Option<Series> {
        let series = self.cells.get_mut(cell)?;
        series.cpu.remove(&(pass, phase));
        series.wall.remove(&(pass, phase))
    }

    fn phases(&mut self, key: &Key<'_>) -> &mut CellSeries {
        let cell = CellId {
            engine: key.0.0.to_owned(),
            entry: key.0.1,
            sample: key.1.to_owned(),
            variant: key.2.to_owned(),
            size: key.3.to_owned(),
        };
        self.cells.entry(cell).or_default()
    }

    /// The same with the AOT total of every cell at [`AOT_TOTAL`]: the sum of both steps within each round.
    #[must_use]
    pub fn with_aot_totals(&self) -> Summary {
        let mut summary = self.clone();
        for phases in summary.cells.values_mut() {
            let steps =
                phases.wall(Pass::Aot, Phase::AotCompile).zip(phases.wall(Pass::Run, Phase::AotExecute));
            if let Some(total) = steps.map(|(compile, execute)| compile.plus(execute)) {
                phases.wall.insert(AOT_TOTAL, total);
            }
        }
        summary
    }

    /// The series of one cell; `None` where it has no reading.
    pub fn cell(&self, id: &CellId) -> Option<&CellSeries> {
        self.cells.get(id)
    }

    /// Every cell that has a reading.
    pub fn cells(&self) -> impl Iterator<Item = &CellId> {
        self.cells.keys()
    }

    /// The machine's level in each round: the median over its blocks of the calibration kernel's
    /// time, in nanoseconds.
    pub fn machine(&self) -> ByRound {
        let mut rounds: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        let kernels = self.cells.iter().filter(|(cell, _)| cell.engine == CALIBRATION);
        for series in kernels.flat_map(|(_, phases)| phases.wall.values()) {
            for (round, level) in series.by_round() {
                rounds.entry(*round).or_default().push(*level);
            }
        }
        let level = |(round, mut levels): (u32, Vec<f64>)| Some((round, stats::median(&mut levels)?));
        rounds.into_iter().filter_map(level).collect()
    }

    /// The lines of `summary.csv`; where there is a `drift`, the next run's times are predicted with it.
    pub fn rows(&self, drift: Option<Drift>) -> Vec<SummaryRow> {
        let mut rows = Vec::new();
        for (cell, phases) in &self.cells {
            for (&(pass, phase), series) in &phases.wall {
                let Some(estimate) = series.estimate() else { continue };
                let cpu = phases.cpu(pass, phase).and_then(Series::estimate);
                let next = drift.and_then(|drift| series.predict(drift));
                rows.push(SummaryRow {
                    engine: cell.engine.clone(),
                    entry: cell.entry,
                    sample: cell.sample.clone(),
                    variant: cell.variant.clone(),
                    size: cell.size.clone(),
                    pass,
                    phase,
                    rounds: series.by_round().len(),
                    readings: series.readings(),
                    low_wall_ns: tenths(estimate.low),
                    wall_ns: tenths(estimate.value),
                    high_wall_ns: tenths(estimate.high),
                    ends: estimate.ends,
                    next_low_wall_ns: next.map(|next| tenths(next.next_low)),
                    next_high_wall_ns: next.map(|next| tenths(next.next_high)),
                    cpu_ns: cpu.map(|cpu| tenths(cpu.value)),
                });
            }
        }
        rows
    }
}

/// Notes `ns`, which are of all calls of `reading`.
fn note(rounds: &mut TimesByCycle, reading: &Reading, ns: u64) {
    let cycles = rounds.entry(reading.round).or_default();
    cycles.entry(reading.cycle).or_default().push(ns as f64 / reading.calls.max(1) as f64);
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Recorder, read_used};

    fn reading(round: u32, wall_ns: u64, calls: u64, cold: bool) -> Reading {
        Reading {
            round,
            process: 1,
            engine: "e".into(),
            entry: EngineEntry::Subject,
            sample: "s".into(),
            variant: "v".into(),
            size: "small".into(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold,
            calls,
            wall_ns,
            cpu_ns: None,
        }
    }

    #[test]
    fn a_value_is_the_geometric_mean_over_rounds_of_each_rounds_median_per_call() {
        let readings = [
            reading(1, 100, 10, false),
            reading(1, 300, 10, false),
            reading(1, 200, 10, false),
            reading(2, 400, 10, false),
            reading(3, 900, 10, false),
            reading(3, 1, 1, true),
        ];
        let rows = Summary::of(&readings).rows(None);
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        // The cube root of 20 × 40 × 90.
        assert_eq!((row.low_wall_ns, row.wall_ns, row.high_wall_ns), (20.0, 41.6, 90.0));
        assert_eq!((row.rounds, row.readings, row.ends), (3, 5, Ends::Range));
    }

    #[test]
    fn a_cell_that_failed_has_no_time() {
        let bad = Reading { sample: "bad".into(), ..reading(1, 100, 10, false) };
        let failed = BTreeSet::from([bad.cell()]);
        let summary = Summary::of(&[bad, reading(1, 100, 10, false)]).without(&failed);
        assert_eq!(summary.cells().map(|cell| cell.sample.as_str()).collect::<Vec<_>>(), ["s"]);
    }

    #[test]
    fn what_stands_beside_another_is_as_far_from_it_as_its_neighbours_in_time() {
        // The machine slows down from cycle to cycle, and the second engine misses the last ones.
        let of = |engine: &str, work_ns: u64, cycles: u64| -> Vec<Reading> {
            let one = |cycle: u64| Reading {
                engine: engine.into(),
                cycle: u32::try_from(cycle).unwrap(),
                ..reading(1, work_ns * (1 + cycle), 1, false)
            };
            (0..cycles).map(one).collect()
        };
        let summary = Summary::of(&[of("a", 6_000, 8), of("b", 2_000, 4)].concat());
        let series: Vec<&Series> =
            summary.cells.values().filter_map(|cell| cell.wall(Pass::WarmCall, Phase::DCallWarm)).collect();
        let (ours, theirs) = series[0].beside(series[1]);
        assert!((ours[&1] / theirs[&1] - 3.0).abs() < 1e-9, "{ours:?} {theirs:?}");
        let middle = series[0].by_round[&1] * series[1].by_round[&1];
        assert!((ours[&1] * theirs[&1] / middle - 1.0).abs() < 1e-9);
    }

    /// Prints how long it takes: `cargo test -p bench a_million -- --ignored --nocapture`.
    #[test]
    #[ignore = "takes seconds, and is for reading, for nothing else"]
    fn a_million_readings_are_read_and_summarised() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::create(folder.path()).unwrap();
        let (engines, samples, rounds, cycles, a_batch) = (8, 11, 25, 10, 45);
        for engine in 0..engines {
            for sample in 0..samples {
                let one = |round: u32, cycle: u32, iteration: u32| Reading {
                    engine: format!("engine-{engine}"),
                    sample: format!("sample-{sample}"),
                    round,
                    cycle,
                    iteration,
                    ..reading(round, 1_000 + u64::from(round * cycle + iteration), 1, false)
                };
                for round in 1..=rounds {
                    let of_cycle = |cycle| (0..a_batch).map(move |iteration| (cycle, iteration));
                    let readings: Vec<Reading> = (0..cycles)
                        .flat_map(of_cycle)
                        .map(|(cycle, iteration)| one(round, cycle, iteration))
                        .collect();
                    recorder.readings(&readings).unwrap();
                }
            }
        }
        let start = std::time::Instant::now();
        let readings = read_used(folder.path()).unwrap();
        let read = start.elapsed();
        let summary = Summary::of(&readings);
        let compared = super::super::comparisons::comparison_groups(&summary, 0.02).len();
        println!(
            "{} readings: read in {read:?}, all in {:?}; {compared} groups",
            readings.len(),
            start.elapsed()
        );
        assert_eq!(summary.cells().count(), 88);
    }
}
