//! The tables that `cargo xtask bench` prints, one a question: made from the result files alone,
//! so that they can be printed again without measuring.

use super::sheet;
use bench::results::{CellId, Missing, Size, Verdict};
use bench::stats::{Drift, Estimate};
use bench::summary::{Phases, Series, Summary};
use protocol::{Pass, Phase};
use std::fmt::Write;

/// Everything that the tables show.
pub struct Results<'a> {
    /// The engines' names, in the order of their rows; native code first.
    pub engines: Vec<&'a str>,
    /// Sample, variant and size of each case, in order.
    pub cases: Vec<(&'a str, &'a str, &'a str)>,
    /// The times.
    pub summary: &'a Summary,
    /// The artifacts' bytes.
    pub sizes: &'a [Size],
    /// What has no time, and why.
    pub missing: &'a [Missing],
    /// How much the machine's speed wanders, where there are rounds enough to tell.
    pub drift: Option<Drift>,
}

/// The engine that ratios are taken against.
const NATIVE: &str = "rust-native";
const NATIVE_HOST: &str = "rust-native-host";

/// All tables, each with its heading and the reasons for its empty cells.
pub fn all(results: &Results<'_>) -> String {
    let tables: [fn(&Results<'_>) -> String; 9] = [
        individual,
        individual_warm,
        jit,
        aot_total,
        aot_compile_time,
        aot_compile_space,
        aot_execute,
        cold_start,
        pure_execution,
    ];
    tables.iter().map(|table| table(results)).collect()
}

/// Where c' is read: on the way to a result or, where a module is only compiled, alone.
const LOAD: [(Pass, Phase); 2] = [(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)];

fn individual(results: &Results<'_>) -> String {
    let columns = ["a+b compile", "c instantiate", "d call"];
    let heading = "Individual phases: a+b compile, c instantiate, d call, each for the first time";
    Sheet::new(results, heading, &columns).rows(|row| {
        row.time(&[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]);
        row.time(&[(Pass::Jit, Phase::CInstantiateFirst), (Pass::Run, Phase::CInstantiateFirst)]);
        row.time(&[(Pass::Jit, Phase::DCallFirst), (Pass::Run, Phase::DCallFirst)]);
    })
}

fn individual_warm(results: &Results<'_>) -> String {
    let columns = ["engine", "a parse", "c instantiate", "d call"];
    let heading = "Beside the totals: engine creation, a parse where it stands alone, c and d warm";
    Sheet::new(results, heading, &columns).rows(|row| {
        row.time(&[(Pass::Jit, Phase::Engine), (Pass::Run, Phase::Engine)]);
        row.time(&[(Pass::Parse, Phase::AParse)]);
        row.time(&[(Pass::Warm, Phase::CInstantiateWarm)]);
        row.time(&[(Pass::Warm, Phase::DCallWarm)]);
    })
}

fn jit(results: &Results<'_>) -> String {
    let columns = ["wall", "next run", "CPU", "AOT total where there is no JIT"];
    Sheet::new(results, "JIT: a+b+c+d, from bytes to the first result", &columns).rows(|row| {
        row.time(&[(Pass::Jit, Phase::Jit)]);
        row.next(Pass::Jit, Phase::Jit);
        row.cpu(Pass::Jit, Phase::Jit);
        let has_jit = row.phases.is_some_and(|phases| phases.wall(Pass::Jit, Phase::Jit).is_some());
        if has_jit {
            row.cells.push(String::new());
        } else {
            let total = row.sum((Pass::Aot, Phase::AotCompile), (Pass::Run, Phase::AotExecute));
            row.series(total.as_ref(), &[Pass::Aot, Pass::Run]);
        }
    })
}

fn aot_total(results: &Results<'_>) -> String {
    let columns = ["AOT total", "b' save", "c' load", "b'+c'", "× JIT"];
    let heading = "AOT total: a+b+b'+c'+c+d, with its overhead b'+c' and its ratio to JIT";
    Sheet::new(results, heading, &columns).rows(|row| {
        let total = row.sum((Pass::Aot, Phase::AotCompile), (Pass::Run, Phase::AotExecute));
        row.series(total.as_ref(), &[Pass::Aot, Pass::Run]);
        row.time(&[(Pass::Aot, Phase::BSave)]);
        row.time(&LOAD);
        let overhead = LOAD.iter().find_map(|load| row.sum((Pass::Aot, Phase::BSave), *load));
        row.series(overhead.as_ref(), &[Pass::Aot, Pass::Run]);
        let jit = row.phases.and_then(|phases| phases.wall(Pass::Jit, Phase::Jit));
        row.ratio(total.as_ref(), jit, Pass::Jit);
    })
}

fn aot_compile_time(results: &Results<'_>) -> String {
    let heading = "AOT compile (time): a+b+b', the build step";
    Sheet::new(results, heading, &["wall", "next run", "CPU"]).rows(|row| {
        row.time(&[(Pass::Aot, Phase::AotCompile)]);
        row.next(Pass::Aot, Phase::AotCompile);
        row.cpu(Pass::Aot, Phase::AotCompile);
    })
}

fn aot_compile_space(results: &Results<'_>) -> String {
    let heading = "AOT compile (space): the artifact's bytes; for native code, the shared library's";
    Sheet::new(results, heading, &["artifact bytes", "module bytes", "× module"]).rows(|row| {
        let size = row.size().cloned();
        let cells = size.as_ref().map(|size| {
            let ratio = size.artifact_bytes as f64 / size.module_bytes.max(1) as f64;
            [size.artifact_bytes.to_string(), size.module_bytes.to_string(), format!("{ratio:.2}")]
        });
        match cells {
            Some(cells) => row.cells.extend(cells),
            None => {
                for _ in 0..3 {
                    row.empty(&[Pass::Aot]);
                }
            }
        }
    })
}

fn aot_execute(results: &Results<'_>) -> String {
    let columns = ["wall", "next run", "CPU", "of which c' load", "c first", "d first"];
    let heading = "AOT execute: c'+c+d, the run step, in a process that has compiled nothing";
    Sheet::new(results, heading, &columns).rows(|row| {
        row.time(&[(Pass::Run, Phase::AotExecute)]);
        row.next(Pass::Run, Phase::AotExecute);
        row.cpu(Pass::Run, Phase::AotExecute);
        row.time(&LOAD);
        row.time(&[(Pass::Run, Phase::CInstantiateFirst)]);
        row.time(&[(Pass::Run, Phase::DCallFirst)]);
    })
}

fn cold_start(results: &Results<'_>) -> String {
    let columns = ["engine (JIT)", "JIT", "engine+JIT", "engine (AOT)", "AOT execute", "engine+AOT execute"];
    let heading = "Cold start: the first pass of a fresh process, with the engine's creation";
    Sheet::new(results, heading, &columns).rows(|row| {
        for (pass, total) in [(Pass::ColdJit, Phase::Jit), (Pass::ColdRun, Phase::AotExecute)] {
            row.time(&[(pass, Phase::Engine)]);
            row.time(&[(pass, total)]);
            let sum = row.sum((pass, Phase::Engine), (pass, total));
            row.series(sum.as_ref(), &[pass]);
        }
    })
}

fn pure_execution(results: &Results<'_>) -> String {
    let columns = ["wall", "next run", "CPU", "× native", "× native-host"];
    let heading = "Pure execution: d, warm, against native code for the baseline and for this CPU";
    Sheet::new(results, heading, &columns).rows(|row| {
        let call = (Pass::Warm, Phase::DCallWarm);
        row.time(&[call]);
        row.next(call.0, call.1);
        row.cpu(call.0, call.1);
        let own = row.phases.and_then(|phases| phases.wall(call.0, call.1));
        for native in [NATIVE, NATIVE_HOST] {
            let native = row.other(native).and_then(|phases| phases.wall(call.0, call.1));
            row.ratio(own, native, Pass::Warm);
        }
    })
}

/// One table under construction.
struct Sheet<'a> {
    results: &'a Results<'a>,
    heading: &'a str,
    columns: &'a [&'a str],
    notes: Vec<String>,
}

impl<'a> Sheet<'a> {
    fn new(results: &'a Results<'a>, heading: &'a str, columns: &'a [&'a str]) -> Sheet<'a> {
        Sheet { results, heading, columns, notes: Vec::new() }
    }

    /// Fills a row for every case and engine, and renders the table with its notes.
    fn rows(mut self, fill: impl Fn(&mut Row<'a, '_>)) -> String {
        let mut table = sheet::table(["sample", "engine"].iter().chain(self.columns));
        let several_variants = self.results.cases.iter().any(|case| case.1 != self.results.cases[0].1);
        for &(sample, variant, size) in &self.results.cases {
            let mut label = if several_variants { format!("{sample} {variant}") } else { sample.to_owned() };
            for &engine in &self.results.engines {
                let id = CellId {
                    engine: engine.to_owned(),
                    sample: sample.to_owned(),
                    variant: variant.to_owned(),
                    size: size.to_owned(),
                };
                let phases = self.results.summary.cell(&id);
                let mut row =
                    Row { results: self.results, id, phases, notes: &mut self.notes, cells: Vec::new() };
                fill(&mut row);
                let cells = std::mem::take(&mut row.cells);
                // The sample's name stands once, at the first of its rows.
                table.add_row([std::mem::take(&mut label), engine.to_owned()].into_iter().chain(cells));
            }
        }
        sheet::numbers_from(&mut table, 2);
        let mut text = format!("\n{}\n{table}\n", self.heading);
        for (number, note) in self.notes.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  [{}] {note}", number + 1);
        }
        text
    }
}

/// One row under construction.
struct Row<'a, 'n> {
    results: &'a Results<'a>,
    id: CellId,
    phases: Option<&'a Phases>,
    notes: &'n mut Vec<String>,
    cells: Vec<String>,
}

impl<'a> Row<'a, '_> {
    fn other(&self, engine: &str) -> Option<&'a Phases> {
        self.results.summary.cell(&CellId { engine: engine.to_owned(), ..self.id.clone() })
    }

    fn size(&self) -> Option<&'a Size> {
        self.failure()
            .is_none()
            .then(|| {
                self.results.sizes.iter().find(|size| {
                    size.engine == self.id.engine
                        && size.sample == self.id.sample
                        && size.variant == self.id.variant
                })
            })
            .flatten()
    }

    /// The time of the first of `choices` that was read.
    fn time(&mut self, choices: &[(Pass, Phase)]) {
        let phases = self.phases;
        let found = choices.iter().find_map(|&(pass, phase)| phases?.wall(pass, phase));
        let mut passes: Vec<Pass> = choices.iter().map(|choice| choice.0).collect();
        if choices.iter().any(|choice| choice.1 == Phase::CInstantiateFirst) {
            // Where instances are no phase of their own, the warm turn has said so.
            passes.push(Pass::Warm);
        }
        self.series(found, &passes);
    }

    /// Where the next run will find its value.
    fn next(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.wall(pass, phase));
        let Some(series) = series.filter(|_| self.failure().is_none()) else {
            return self.empty(&[pass]);
        };
        match self.results.drift.and_then(|drift| series.predict(drift)) {
            Some(next) => {
                let (divisor, unit) = unit(next.median);
                let digits = |value: f64| significant(value / divisor);
                self.cells.push(format!("[{} {}] {unit}", digits(next.next_low), digits(next.next_high)));
            }
            None => self.cells.push("from 10 rounds on".to_owned()),
        }
    }

    fn cpu(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.cpu(pass, phase));
        match series.and_then(Series::estimate) {
            Some(estimate) if self.failure().is_none() => self.cells.push(duration(estimate.median)),
            _ => self.empty(&[pass]),
        }
    }

    fn series(&mut self, series: Option<&Series>, passes: &[Pass]) {
        match series.and_then(|series| series.time(self.results.drift)) {
            Some(estimate) if self.failure().is_none() => self.cells.push(interval(&estimate)),
            _ => self.empty(passes),
        }
    }

    fn sum(&self, one: (Pass, Phase), other: (Pass, Phase)) -> Option<Series> {
        let phases = self.phases?;
        Some(phases.wall(one.0, one.1)?.plus(phases.wall(other.0, other.1)?))
    }

    fn ratio(&mut self, ours: Option<&Series>, theirs: Option<&Series>, pass: Pass) {
        let ratio = ours.zip(theirs).and_then(|(ours, theirs)| ours.ratio_to(theirs).estimate());
        match ratio {
            Some(ratio) if self.failure().is_none() => {
                self.cells.push(format!("[{:.2} {:.2} {:.2}]", ratio.low, ratio.median, ratio.high));
            }
            // Where this engine has its time, it is the other one that has none.
            _ if ours.is_some() => self.empty(&[]),
            _ => self.empty(&[pass]),
        }
    }

    fn failure(&self) -> Option<&'a Missing> {
        self.results
            .missing
            .iter()
            .find(|missing| missing.verdict == Verdict::Failed && missing.cell() == self.id)
    }

    /// A cell without a value: its mark, and the reason among the notes, from the first of
    /// `passes` that has one.
    fn empty(&mut self, passes: &[Pass]) {
        let failure = self.failure();
        let reason_of = |pass: &Pass| {
            let here = |missing: &&Missing| missing.cell() == self.id && missing.pass == *pass;
            self.results.missing.iter().find(here)
        };
        let (mark, note) = match failure.or_else(|| passes.iter().find_map(reason_of)) {
            Some(missing) if missing.verdict == Verdict::Failed => {
                let phase = missing.phase.map(|phase| format!(" in {phase}")).unwrap_or_default();
                ("failed", format!("{} on {}{phase}: {}", missing.engine, missing.sample, missing.reason))
            }
            Some(missing) => ("n/a", missing.reason.clone()),
            None => ("n/a", "not measured in this run, or nothing to compare with".to_owned()),
        };
        let number = self.notes.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.notes.push(note);
            self.notes.len() - 1
        });
        self.cells.push(format!("{mark} [{}]", number + 1));
    }
}

/// `[low median high]` in the unit that suits the median.
fn interval(estimate: &Estimate) -> String {
    let (divisor, unit) = unit(estimate.median);
    let digits = |value: f64| significant(value / divisor);
    format!("[{} {} {}] {unit}", digits(estimate.low), digits(estimate.median), digits(estimate.high))
}

/// A duration in the unit that suits it.
pub fn duration(ns: f64) -> String {
    let (divisor, unit) = unit(ns);
    format!("{} {unit}", significant(ns / divisor))
}

fn unit(ns: f64) -> (f64, &'static str) {
    match ns {
        ns if ns < 1e3 => (1.0, "ns"),
        ns if ns < 1e6 => (1e3, "µs"),
        ns if ns < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

/// Four significant digits, never an exponent.
fn significant(value: f64) -> String {
    match value.abs() {
        v if v < 10.0 => format!("{value:.3}"),
        v if v < 100.0 => format!("{value:.2}"),
        v if v < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench::results::Reading;

    /// A reading of `engine` in each of three rounds, `wall_ns` and 10% to each side of it.
    fn readings(engine: &str, pass: Pass, phase: Phase, wall_ns: u64) -> Vec<Reading> {
        let reading = |(round, wall_ns)| Reading {
            round,
            process: 1,
            engine: engine.to_owned(),
            sample: "fibonacci".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass,
            phase,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: Some(wall_ns * 2),
        };
        [(1, wall_ns), (2, wall_ns * 9 / 10), (3, wall_ns * 11 / 10)].map(reading).to_vec()
    }

    fn missing(engine: &str, pass: Pass, verdict: Verdict, reason: &str) -> Missing {
        Missing {
            round: 0,
            engine: engine.to_owned(),
            sample: "fibonacci".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass,
            phase: (verdict == Verdict::Failed).then_some(Phase::DCallFirst),
            verdict,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn every_table_has_a_value_or_a_reason_in_every_cell() {
        let read = [
            readings("rust-native", Pass::Run, Phase::CLoad, 40_000),
            readings("rust-native", Pass::Run, Phase::AotExecute, 60_000),
            readings("rust-native", Pass::Warm, Phase::DCallWarm, 20_000),
            readings("engine", Pass::Jit, Phase::Engine, 5_000),
            readings("engine", Pass::Jit, Phase::AbCompile, 2_000_000),
            readings("engine", Pass::Jit, Phase::CInstantiateFirst, 10_000),
            readings("engine", Pass::Jit, Phase::DCallFirst, 31_000),
            readings("engine", Pass::Jit, Phase::Jit, 2_041_000),
            readings("engine", Pass::Aot, Phase::AotCompile, 2_100_000),
            readings("engine", Pass::Aot, Phase::BSave, 100_000),
            readings("engine", Pass::Run, Phase::CLoad, 30_000),
            readings("engine", Pass::Run, Phase::AotExecute, 70_000),
            readings("engine", Pass::Warm, Phase::DCallWarm, 30_000),
        ]
        .concat();
        let results = Results {
            engines: vec!["rust-native", "engine", "broken"],
            cases: vec![("fibonacci", "stripped", "small")],
            summary: &Summary::of(&read),
            sizes: &[Size {
                engine: "engine".to_owned(),
                sample: "fibonacci".to_owned(),
                variant: "stripped".to_owned(),
                module_bytes: 171,
                artifact_bytes: 8_992,
            }],
            missing: &[
                missing("rust-native", Pass::Jit, Verdict::Unsupported, "compiled ahead of time"),
                missing("rust-native", Pass::Aot, Verdict::Unsupported, "compiled ahead of time"),
                missing("engine", Pass::Parse, Verdict::Unsupported, "validates only when it compiles"),
                missing("broken", Pass::Jit, Verdict::Failed, "wrong result: expected 1, got 2"),
            ],
            drift: None,
        };
        insta::assert_snapshot!(all(&results));
    }

    #[test]
    fn durations_have_four_digits_and_the_unit_that_suits_them() {
        let shown = [3.7, 61.24, 999.9, 1_234.0, 45_600_000.0, 9_100_000_000.0].map(duration);
        assert_eq!(shown, ["3.700 ns", "61.24 ns", "999.9 ns", "1.234 µs", "45.60 ms", "9.100 s"]);
    }
}
