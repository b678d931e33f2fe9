//! Modules against each other, such as two builds of one program: on each engine and in each phase
//! the time of each divided by that of the first, with its verdict.

use super::sheet;
use bench::analysis::{Series, Summary};
use bench::plan::OWN;
use bench::record::EngineEntry;
use bench::record::{self, ArtifactSize, CellId, Failure};
use bench::stats::{self, ComparedPair, Comparison, ComparisonGroup, GroupName, Verdict};
use protocol::{Pass, Phase};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// `module_comparisons.csv`
const FILE: &str = "module_comparisons.csv";

/// What is compared: a name, and where its time is read, the first that both have.
const PHASES: [(&str, &[(Pass, Phase)]); 6] = [
    ("a+b compile", &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]),
    ("JIT", &[(Pass::Jit, Phase::Jit)]),
    ("AOT compile", &[(Pass::Aot, Phase::AotCompile)]),
    ("AOT execute", &[(Pass::Run, Phase::AotExecute)]),
    ("c' load", &[(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)]),
    ("d call, warm", &[(Pass::WarmCall, Phase::DCallWarm)]),
];

/// A module on an engine, compared with the first module.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    module: String,
    engine: String,
}

/// A line of `module_comparisons.csv`.
#[derive(Debug, Serialize)]
struct Line {
    phase: &'static str,
    module: String,
    other: String,
    engine: String,
    rounds: Option<usize>,
    ratio: Option<f64>,
    low_ratio: Option<f64>,
    high_ratio: Option<f64>,
    adjusted_p: Option<f64>,
    noise_floor_percent: Option<f64>,
    verdict: String,
}

/// What is compared.
pub struct Modules<'a> {
    /// The modules' names; the others are compared with the first.
    names: Vec<&'a str>,
    engines: &'a [&'a str],
    summary: &'a Summary,
    sizes: &'a [ArtifactSize],
    missing: &'a [Failure],
}

impl<'a> Modules<'a> {
    /// The user's own modules among `cases` (sample, variant and size); `None` below two.
    pub fn of(
        cases: &[(&'a str, &str, &str)],
        engines: &'a [&'a str],
        summary: &'a Summary,
        sizes: &'a [ArtifactSize],
        missing: &'a [Failure],
    ) -> Option<Modules<'a>> {
        let names: Vec<&str> = cases.iter().filter(|case| case.1 == OWN).map(|case| case.0).collect();
        (names.len() > 1).then_some(Modules { names, engines, summary, sizes, missing })
    }

    /// Compares in every phase, writes `module_comparisons.csv` into `folder`, and gives the table.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn report(&self, folder: &Path) -> std::io::Result<String> {
        let compared: Vec<_> = PHASES.iter().map(|(name, choices)| (*name, self.compared(choices))).collect();
        let lines = compared.iter().flat_map(|(name, group)| self.lines(name, group));
        record::write_all(&folder.join(FILE), &lines.collect::<Vec<_>>())?;
        Ok(self.table(&compared))
    }

    /// The comparison group of one phase: every module but the first, on every engine.
    fn compared(&self, choices: &[(Pass, Phase)]) -> ComparisonGroup<Pair> {
        let pairs = self.pairs().map(|pair| {
            let ratio = self.ratio((&pair.engine, EngineEntry::Subject), &pair.module, choices);
            let comparison = ratio.and_then(|one| compared(&one));
            (pair, comparison)
        });
        let phase = choices.last().map_or(Phase::Jit, |choice| choice.1);
        let name = GroupName { table: format!("modules against {}", self.names[0]), phase };
        stats::compare_group(name, pairs, &self.controls(choices))
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> {
        let of_module = |module: &&str| {
            let module = (*module).to_owned();
            self.engines
                .iter()
                .map(move |engine| Pair { module: module.clone(), engine: (*engine).to_owned() })
        };
        self.names[1..].iter().flat_map(of_module)
    }

    /// The ratios of the same two modules on an engine and on its control: the true ratios are equal, so
    /// that what they differ by is noise.
    fn controls(&self, choices: &[(Pass, Phase)]) -> Vec<Comparison> {
        let first = self.summary.cells().filter(|cell| cell.sample == self.names[0]);
        let controlled = first.filter(|cell| cell.entry == EngineEntry::Control);
        let both = controlled.flat_map(|cell| self.names[1..].iter().map(|module| (&cell.engine, *module)));
        let comparison = |(engine, module): (&String, &str)| {
            let ours = self.ratio((engine, EngineEntry::Subject), module, choices)?;
            ours.compare(&self.ratio((engine, EngineEntry::Control), module, choices)?)
        };
        both.filter_map(comparison).collect()
    }

    /// The time of `module` divided by the first's, by round.
    fn ratio(
        &self,
        (engine, entry): (&str, EngineEntry),
        module: &str,
        choices: &[(Pass, Phase)],
    ) -> Option<Series> {
        let cell = |module: &str| CellId {
            engine: engine.to_owned(),
            entry,
            sample: module.to_owned(),
            variant: OWN.to_owned(),
            size: OWN.to_owned(),
        };
        let failed = |cell: &CellId| {
            self.missing.iter().any(|one| one.kind == record::FailureKind::Failed && one.cell() == *cell)
        };
        let (ours, theirs) = (cell(module), cell(self.names[0]));
        if failed(&ours) || failed(&theirs) {
            return None;
        }
        let (ours, theirs) = (self.summary.cell(&ours)?, self.summary.cell(&theirs)?);
        choices
            .iter()
            .find_map(|&(pass, phase)| Some(ours.wall(pass, phase)?.ratio_to(theirs.wall(pass, phase)?)))
    }

    fn artifact_ratio(&self, pair: &Pair) -> Option<f64> {
        let bytes = |module: &str| {
            let mut sizes = self.sizes.iter();
            let size = sizes.find(|size| size.engine == pair.engine && size.sample == module)?;
            Some(size.artifact_bytes as f64)
        };
        Some(bytes(&pair.module)? / bytes(self.names[0])?)
    }

    fn table(&self, compared: &[(&str, ComparisonGroup<Pair>)]) -> String {
        let head = ["module", "engine"].into_iter().chain(compared.iter().map(|(name, _)| *name));
        let mut table = sheet::table(head.chain(["artifact bytes"]).collect::<Vec<_>>());
        let mut last = String::new();
        for (number, pair) in self.pairs().enumerate() {
            let label = if pair.module == last { String::new() } else { pair.module.clone() };
            last.clone_from(&pair.module);
            let cells = compared.iter().zip(PHASES).map(|((_, group), (_, choices))| {
                let tested = &group.pairs[number];
                let ratio = self.ratio((&pair.engine, EngineEntry::Subject), &pair.module, choices);
                self.cell(ratio.as_ref(), tested)
            });
            let bytes =
                self.artifact_ratio(&pair).map_or_else(|| "n/a".to_owned(), |one| format!("{one:.3}"));
            table.add_row([label, pair.engine.clone()].into_iter().chain(cells).chain([bytes]));
        }
        sheet::numbers_from(&mut table, 2);
        let mut text = format!("\nModules: time and bytes of each, × {}\n{table}\n", self.names[0]);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  < less and > more time than {}, ≈ not distinguishable; without a mark: too few rounds",
            self.names[0]
        );
        for (name, group) in compared {
            if let Some(percent) = group.noise_floor_percent {
                let _ = writeln!(text, "  {name}: the same comparison twice differed by up to {percent:.1}%");
            }
        }
        text
    }

    fn cell(&self, ratio: Option<&Series>, tested: &ComparedPair<Pair>) -> String {
        let Some(ratio) = ratio.and_then(Series::estimate) else { return "n/a".to_owned() };
        let mark = match tested.verdict {
            Verdict::Faster { .. } => " <",
            Verdict::Slower { .. } => " >",
            Verdict::NotDistinguishable { .. } => " ≈",
            Verdict::TooFewRounds => "",
        };
        format!("[{:.3} {:.3} {:.3}]{mark}", ratio.low, ratio.median, ratio.high)
    }

    fn lines(&self, phase: &'static str, group: &ComparisonGroup<Pair>) -> Vec<Line> {
        let line = |tested: &ComparedPair<Pair>| Line {
            phase,
            module: tested.key.module.clone(),
            other: self.names[0].to_owned(),
            engine: tested.key.engine.clone(),
            rounds: tested.comparison.map(|one| one.rounds),
            ratio: tested.comparison.map(|one| one.ratio),
            low_ratio: tested.comparison.map(|one| one.low),
            high_ratio: tested.comparison.map(|one| one.high),
            adjusted_p: tested.adjusted_p,
            noise_floor_percent: group.noise_floor_percent,
            verdict: tested.verdict.to_string(),
        };
        group.pairs.iter().map(line).collect()
    }
}

/// A series of ratios as a comparison; `None` below ten rounds.
fn compared(ratios: &Series) -> Option<Comparison> {
    stats::compare_ratios(ratios.by_round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench::record::Reading;

    /// Warm calls of `module` on `engine`, one a round, that wobble by a percent.
    fn calls(engine: &str, module: &str, wall_ns: u64, rounds: u32) -> Vec<Reading> {
        let wobble = |round: u32| [0, 7, 3, 10, 1, 8, 5][(round as usize + module.len() * 3) % 7];
        let reading = |round| Reading {
            round,
            process: round,
            engine: engine.to_owned(),
            entry: EngineEntry::Subject,
            sample: module.to_owned(),
            variant: OWN.to_owned(),
            size: OWN.to_owned(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: wall_ns + wall_ns * wobble(round) / 1000,
            cpu_ns: None,
        };
        (1..=rounds).map(reading).collect()
    }

    fn control(mut readings: Vec<Reading>) -> Vec<Reading> {
        readings.iter_mut().for_each(|reading| reading.entry = EngineEntry::Control);
        readings
    }

    fn report(rounds: u32) -> String {
        let read = [
            calls("e", "old", 100_000, rounds),
            calls("e", "newer", 80_000, rounds),
            control(calls("e", "old", 100_000, rounds)),
            control(calls("e", "newer", 80_000, rounds)),
            calls("same", "old", 100_000, rounds),
            calls("same", "newer", 100_000, rounds),
        ]
        .concat();
        let summary = Summary::of(&read);
        let cases = [("old", OWN, OWN), ("newer", OWN, OWN)];
        let modules = Modules::of(&cases, &["e", "same"], &summary, &[], &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let text = modules.report(folder.path()).unwrap();
        assert!(folder.path().join(FILE).exists());
        text
    }

    #[test]
    fn a_faster_module_is_marked_where_it_is_faster_and_nowhere_else() {
        let text = report(12);
        let row = |engine: &str| text.lines().find(|line| line.contains(&format!(" {engine} "))).unwrap();
        assert!(row("e").contains("0.80") && row("e").contains("] <"), "{text}");
        assert!(row("same").contains("] ≈"), "{text}");
        assert!(text.contains("d call, warm: the same comparison twice differed by up to 0.0%"), "{text}");
    }

    #[test]
    fn few_rounds_show_ratios_without_verdicts() {
        let text = report(3);
        assert!(text.contains("0.80") && !text.contains("] <") && !text.contains("] ≈"), "{text}");
    }

    #[test]
    fn one_module_or_a_sample_makes_no_comparison() {
        let summary = Summary::default();
        let cases = [("old", OWN, OWN), ("nop", "stripped", "small")];
        assert!(Modules::of(&cases, &["e"], &summary, &[], &[]).is_none());
    }
}
