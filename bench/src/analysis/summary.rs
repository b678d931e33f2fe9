//! From readings to one value for each cell and phase: the median over rounds of each round's
//! median, with what lies around it.

use crate::record::readings::{CellId, Reading};
use crate::stats::{self, ByCycle, ByRound, Comparison, Drift, Ends, Estimate, Prediction};
use calibration::CALIBRATION;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One value a round, in nanoseconds or, for ratios, without a unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    by_round: ByRound,
    /// One value a cycle in each round; none in a series that is made of others.
    cycles: BTreeMap<u32, ByCycle>,
    readings: usize,
}

impl Series {
    /// The value with its range or interval.
    pub fn estimate(&self) -> Option<Estimate> {
        stats::estimate(&self.by_round.values().copied().collect::<Vec<_>>())
    }

    /// The value of a time with its range or, from ten rounds on, with an interval that has the
    /// machine's `drift` in it.
    pub fn time(&self, drift: Option<Drift>) -> Option<Estimate> {
        match drift.and_then(|drift| self.predict(drift)) {
            Some(Prediction { low, median, high, .. }) => {
                Some(Estimate { low, median, high, ends: Ends::T95 })
            }
            None => self.estimate(),
        }
    }

    /// Where the next run, of as many rounds, will find its value; `None` below ten rounds.
    pub fn predict(&self, drift: Drift) -> Option<Prediction> {
        stats::predict(&self.by_round, self.by_round.len(), drift)
    }

    /// The values, by round.
    pub fn by_round(&self) -> &ByRound {
        &self.by_round
    }

    /// This series divided by `other` within each round that both have, between readings that are
    /// neighbours in time where the two were read in turns, so that what hits both cancels out.
    pub fn ratio_to(&self, other: &Series) -> Series {
        if self.cycles.is_empty() || other.cycles.is_empty() {
            return self.paired(other, |ours, theirs| ours / theirs);
        }
        let by_round = stats::paired_ratios(&self.cycles, &other.cycles);
        Series { by_round, cycles: BTreeMap::new(), readings: self.readings.min(other.readings) }
    }

    /// This series and `other` in every round that both have, as far apart as
    /// [`ratio_to`](Self::ratio_to) has them, around the geometric mean of their values.
    pub fn beside(&self, other: &Series) -> (ByRound, ByRound) {
        let both = |(round, ratio): (u32, f64)| {
            let middle = (self.by_round.get(&round)? * other.by_round.get(&round)?).sqrt();
            Some(((round, middle * ratio.sqrt()), (round, middle / ratio.sqrt())))
        };
        self.ratio_to(other).by_round.into_iter().filter_map(both).unzip()
    }

    /// How this series' times relate to those of `other`; `None` below ten common rounds.
    pub fn compare(&self, other: &Series) -> Option<Comparison> {
        stats::compare_ratios(&self.ratio_to(other).by_round)
    }

    /// The sum with `other` within each round that both have.
    pub fn plus(&self, other: &Series) -> Series {
        self.paired(other, |ours, theirs| ours + theirs)
    }

    fn paired(&self, other: &Series, combine: impl Fn(f64, f64) -> f64) -> Series {
        let common = |(round, ours): (&u32, &f64)| {
            other.by_round.get(round).map(|theirs| (*round, combine(*ours, *theirs)))
        };
        Series {
            by_round: self.by_round.iter().filter_map(common).collect(),
            cycles: BTreeMap::new(),
            readings: self.readings.min(other.readings),
        }
    }
}

/// Every cell's series, wall time and processor time.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    cells: BTreeMap<CellId, Phases>,
}

/// The series of one cell.
#[derive(Clone, Debug, Default)]
pub struct Phases {
    wall: BTreeMap<(Pass, Phase), Series>,
    cpu: BTreeMap<(Pass, Phase), Series>,
}

impl Phases {
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
pub struct Row {
    /// The engine's name.
    pub engine: String,
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
    pub median_wall_ns: f64,
    /// The upper end, in nanoseconds.
    pub high_wall_ns: f64,
    /// What the ends are: `range` or `t95`.
    pub ends: Ends,
    /// The lower end of the 95% prediction interval for the next run's value, in nanoseconds.
    pub next_low_wall_ns: Option<f64>,
    /// The upper end, in nanoseconds.
    pub next_high_wall_ns: Option<f64>,
    /// Processor time of one repetition, in nanoseconds, where it is read.
    pub median_cpu_ns: Option<f64>,
}

type Key<'a> = (&'a str, &'a str, &'a str, &'a str, Pass, Phase);
/// Times by round and cycle.
type Rounds = BTreeMap<u32, BTreeMap<u32, Vec<f64>>>;

impl Summary {
    /// Summarises `readings`. Cold readings are another quantity: those of passes that are meant to
    /// be warm are left out.
    pub fn of(readings: &[Reading]) -> Summary {
        let mut wall: HashMap<Key<'_>, Rounds> = HashMap::new();
        let mut cpu: HashMap<Key<'_>, Rounds> = HashMap::new();
        for reading in readings.iter().filter(|reading| reading.cold == reading.pass.is_cold()) {
            let key = (
                reading.engine.as_str(),
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
            summary.phases(&key).wall.insert((key.4, key.5), series(rounds));
        }
        for (key, rounds) in cpu {
            summary.phases(&key).cpu.insert((key.4, key.5), series(rounds));
        }
        summary
    }

    /// Leaves the cells in `failed` out: whatever was read before they failed is no time of a right
    /// result.
    pub fn without(mut self, failed: &BTreeSet<CellId>) -> Summary {
        self.cells.retain(|cell, _| !failed.contains(cell));
        self
    }

    fn phases(&mut self, key: &Key<'_>) -> &mut Phases {
        let cell = CellId {
            engine: key.0.to_owned(),
            sample: key.1.to_owned(),
            variant: key.2.to_owned(),
            size: key.3.to_owned(),
        };
        self.cells.entry(cell).or_default()
    }

    /// The series of one cell; `None` where it has no reading.
    pub fn cell(&self, id: &CellId) -> Option<&Phases> {
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
            for (round, level) in &series.by_round {
                rounds.entry(*round).or_default().push(*level);
            }
        }
        let level = |(round, mut levels): (u32, Vec<f64>)| Some((round, stats::median(&mut levels)?));
        rounds.into_iter().filter_map(level).collect()
    }

    /// The lines of `summary.csv`; the intervals of times have `drift` in them, and where there is
    /// one the next run's times are predicted.
    pub fn rows(&self, drift: Option<Drift>) -> Vec<Row> {
        let mut rows = Vec::new();
        for (cell, phases) in &self.cells {
            for (&(pass, phase), series) in &phases.wall {
                let Some(estimate) = series.time(drift) else { continue };
                let cpu = phases.cpu(pass, phase).and_then(Series::estimate);
                let next = drift.and_then(|drift| series.predict(drift));
                rows.push(Row {
                    engine: cell.engine.clone(),
                    sample: cell.sample.clone(),
                    variant: cell.variant.clone(),
                    size: cell.size.clone(),
                    pass,
                    phase,
                    rounds: series.by_round.len(),
                    readings: series.readings,
                    low_wall_ns: tenths(estimate.low),
                    median_wall_ns: tenths(estimate.median),
                    high_wall_ns: tenths(estimate.high),
                    ends: estimate.ends,
                    next_low_wall_ns: next.map(|next| tenths(next.next_low)),
                    next_high_wall_ns: next.map(|next| tenths(next.next_high)),
                    median_cpu_ns: cpu.map(|cpu| tenths(cpu.median)),
                });
            }
        }
        rows
    }
}

/// Notes `ns`, which are of all calls of `reading`.
fn note(rounds: &mut Rounds, reading: &Reading, ns: u64) {
    let cycles = rounds.entry(reading.round).or_default();
    cycles.entry(reading.cycle).or_default().push(ns as f64 / reading.calls.max(1) as f64);
}

fn series(rounds: Rounds) -> Series {
    let mut series = Series::default();
    for (round, cycles) in rounds {
        let mut all: Vec<f64> = cycles.values().flatten().copied().collect();
        series.readings += all.len();
        series.by_round.extend(stats::median(&mut all).map(|value| (round, value)));
        let median = |(cycle, mut times): (u32, Vec<f64>)| Some((cycle, stats::median(&mut times)?));
        series.cycles.insert(round, cycles.into_iter().filter_map(median).collect());
    }
    series
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(round: u32, wall_ns: u64, calls: u64, cold: bool) -> Reading {
        Reading {
            round,
            process: 1,
            engine: "e".into(),
            sample: "s".into(),
            variant: "v".into(),
            size: "small".into(),
            pass: Pass::Warm,
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
    fn a_value_is_the_median_over_rounds_of_each_rounds_median_per_call() {
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
        assert_eq!((row.low_wall_ns, row.median_wall_ns, row.high_wall_ns), (20.0, 40.0, 90.0));
        assert_eq!((row.rounds, row.readings, row.ends), (3, 5, Ends::Range));
    }

    #[test]
    fn the_machines_drift_is_part_of_a_times_interval_and_of_no_range() {
        let rounds = |count| Series {
            by_round: (1..=count).map(|round| (round, 100.0)).collect(),
            ..Series::default()
        };
        let drift = Some(Drift { variance: 1e-4, df: 9.0 });
        let still = rounds(10).time(Some(Drift::NONE)).unwrap();
        assert!(still.ends == Ends::T95 && still.high / still.low < 1.0 + 1e-9, "{still:?}");
        // t(0.975, 9) = 2.262157, and a standard deviation of a percent.
        let drifting = rounds(10).time(drift).unwrap();
        assert!((drifting.high - 100.0 * 0.022_621_57f64.exp()).abs() < 1e-3, "{drifting:?}");
        assert!((drifting.low * drifting.high - 1e4).abs() < 1e-6);
        assert_eq!(rounds(9).time(drift).unwrap().ends, Ends::Range);
    }

    #[test]
    fn a_cell_that_failed_has_no_time() {
        let bad = Reading { sample: "bad".into(), ..reading(1, 100, 10, false) };
        let failed = BTreeSet::from([bad.cell()]);
        let summary = Summary::of(&[bad, reading(1, 100, 10, false)]).without(&failed);
        assert_eq!(summary.cells().map(|cell| cell.sample.as_str()).collect::<Vec<_>>(), ["s"]);
    }

    #[test]
    fn ratios_are_formed_within_rounds() {
        let ours = Series {
            by_round: BTreeMap::from([(1, 10.0), (2, 40.0), (3, 5.0)]),
            readings: 3,
            ..Series::default()
        };
        let theirs =
            Series { by_round: BTreeMap::from([(1, 5.0), (2, 20.0)]), readings: 2, ..Series::default() };
        let ratio = ours.ratio_to(&theirs).estimate().unwrap();
        assert_eq!((ratio.low, ratio.median, ratio.high), (2.0, 2.0, 2.0));
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
            summary.cells.values().filter_map(|cell| cell.wall(Pass::Warm, Phase::DCallWarm)).collect();
        let (ours, theirs) = series[0].beside(series[1]);
        assert!((ours[&1] / theirs[&1] - 3.0).abs() < 1e-9, "{ours:?} {theirs:?}");
        let middle = series[0].by_round[&1] * series[1].by_round[&1];
        assert!((ours[&1] * theirs[&1] / middle - 1.0).abs() < 1e-9);
    }

    /// Prints how long it takes: `cargo test -p bench a_million -- --ignored --nocapture`.
    #[test]
    #[ignore = "takes seconds, and is for reading, not for judging"]
    fn a_million_readings_are_read_and_summarised() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = crate::record::readings::Recorder::create(folder.path()).unwrap();
        let (engines, samples, rounds, cycles, a_turn) = (8, 11, 25, 10, 45);
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
                    let of_cycle = |cycle| (0..a_turn).map(move |iteration| (cycle, iteration));
                    let readings: Vec<Reading> = (0..cycles)
                        .flat_map(of_cycle)
                        .map(|(cycle, iteration)| one(round, cycle, iteration))
                        .collect();
                    recorder.readings(&readings).unwrap();
                }
            }
        }
        let start = std::time::Instant::now();
        let readings = crate::record::readings::read_used(folder.path()).unwrap();
        let read = start.elapsed();
        let summary = Summary::of(&readings);
        let judged = crate::analysis::comparisons::judgements(&summary).len();
        println!(
            "{} readings: read in {read:?}, all in {:?}; {judged} families",
            readings.len(),
            start.elapsed()
        );
        assert_eq!(summary.cells().count(), 88);
    }
}
