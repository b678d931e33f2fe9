//! Modules against each other, such as two builds of one program: on each engine and in each phase
//! the time of each divided by that of the first, with its verdict.

use super::heading;
use super::model::RunReport;
use super::sheet::{Sheet, SheetCell};
use super::units;
use bench::analysis::Series;
use bench::plan::OWN;
use bench::record::{self, CellId, CsvRecord, EngineEntry};
use bench::stats::{self, ComparedPair, Comparison, ComparisonGroup, GroupName, Verdict};
use protocol::{Pass, Phase};
use serde::Serialize;

/// `module_comparisons.csv`
const FILE: &str = "module_comparisons.csv";

/// What is compared: a name, and where its time is read, the first that both have.
const PHASES: [(&str, &[(Pass, Phase)]); 7] = [
    ("a+b compile", &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]),
    ("JIT", &[(Pass::Jit, Phase::Jit)]),
    ("AOT compile", &[(Pass::Aot, Phase::AotCompile)]),
    ("AOT execute", &[(Pass::Run, Phase::AotExecute)]),
    ("c' load", &[(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)]),
    ("c instantiate, warm", &[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]),
    ("d call, warm", &[(Pass::WarmCall, Phase::DCallWarm)]),
];

/// The phases that stand in a sentence.
const SHOWN_FIRST: [&str; 2] = ["a+b compile", "d call, warm"];

/// Why there is no ratio.
const ABSENT: &str = "not measured in this run, or nothing to compare with";

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

impl CsvRecord for Line {
    const COLUMNS: &'static [&'static str] = &[
        "phase",
        "module",
        "other",
        "engine",
        "rounds",
        "ratio",
        "low_ratio",
        "high_ratio",
        "adjusted_p",
        "noise_floor_percent",
        "verdict",
    ];
}

/// What is compared.
pub struct Modules<'a> {
    /// The modules' names; the others are compared with the first.
    names: Vec<&'a str>,
    report: &'a RunReport,
    /// One for each of [`PHASES`].
    groups: Vec<ComparisonGroup<Pair>>,
}

impl<'a> Modules<'a> {
    /// The user's own modules of a run, compared in every phase; `None` below two.
    pub fn of(report: &'a RunReport) -> Option<Modules<'a>> {
        let own = report.cases.iter().filter(|case| case.group == OWN);
        let names: Vec<&str> = own.map(|case| case.sample.as_str()).collect();
        if names.len() < 2 {
            return None;
        }
        let mut modules = Modules { names, report, groups: Vec::new() };
        modules.groups = PHASES.iter().map(|(_, choices)| modules.compared(choices)).collect();
        Some(modules)
    }

    /// Writes `module_comparisons.csv` into the run's folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self) -> std::io::Result<()> {
        let lines = PHASES.iter().zip(&self.groups).flat_map(|((name, _), group)| self.lines(name, group));
        record::write_all(&self.report.folder.join(FILE), &lines.collect::<Vec<_>>())
    }

    /// One sentence for each module but the first: its times in proportion to those of the first.
    pub fn sentences(&self) -> Vec<String> {
        let quantities =
            || PHASES.iter().zip(&self.groups).filter(|((name, _), _)| SHOWN_FIRST.contains(name));
        let sentence = |module: &&str| {
            let parts: Vec<String> = quantities()
                .filter_map(|((name, choices), group)| self.part(module, name, choices, group))
                .collect();
            format!("{module}, × {}: {}", self.names[0], parts.join("; "))
        };
        self.names[1..].iter().map(sentence).collect()
    }

    /// The geometric mean over the engines of one module's ratios in one phase, and how many verdicts
    /// say what.
    fn part(
        &self,
        module: &str,
        name: &str,
        choices: &[(Pass, Phase)],
        group: &ComparisonGroup<Pair>,
    ) -> Option<String> {
        let tested: Vec<&ComparedPair<Pair>> =
            group.pairs.iter().filter(|one| one.key.module == module).collect();
        let ratios = tested.iter().filter_map(|one| {
            let ratio = self.ratio((&one.key.engine, EngineEntry::Subject), module, choices)?;
            Some(ratio.estimate()?.value)
        });
        let ratios: Vec<f64> = ratios.collect();
        let mean = units::three_digits(stats::geometric_mean(ratios.iter().copied())?);
        let count = |is: fn(&Verdict) -> bool| tested.iter().filter(|one| is(&one.verdict)).count();
        let less = count(|verdict| matches!(verdict, Verdict::Faster { .. }));
        let more = count(|verdict| matches!(verdict, Verdict::Slower { .. }));
        let equal = count(|verdict| matches!(verdict, Verdict::Equal { .. }));
        let open = count(|verdict| matches!(verdict, Verdict::NotResolved { .. }));
        Some(match less + more + equal + open {
            0 => format!("{name} {mean} ({} engines, not tested)", ratios.len()),
            tested => format!(
                "{name} {mean} (of {tested} engines {less} less, {more} more, {equal} equal, {open} not resolved)"
            ),
        })
    }

    /// The comparison group of one phase: every module but the first, on every engine.
    fn compared(&self, choices: &[(Pass, Phase)]) -> ComparisonGroup<Pair> {
        let pairs = self.pairs().map(|pair| {
            let ratio = self.ratio((&pair.engine, EngineEntry::Subject), &pair.module, choices);
            let comparison = ratio.and_then(|one| compared(&one));
            (pair, comparison)
        });
        let phase = choices.last().map_or(Phase::Jit, |choice| choice.1);
        let name = GroupName { table: format!("modules against {}", self.names[0]), sample: None, phase };
        stats::compare_group(name, pairs, &self.controls(choices), self.report.equal_within())
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> {
        let of_module = |module: &&str| {
            let module = (*module).to_owned();
            let pair = move |engine: &String| Pair { module: module.clone(), engine: engine.clone() };
            self.report.engines.iter().map(pair)
        };
        self.names[1..].iter().flat_map(of_module)
    }

    /// The ratios of the same two modules on an engine and on its control: the true ratios are equal, so
    /// that what they differ by is noise.
    fn controls(&self, choices: &[(Pass, Phase)]) -> Vec<Comparison> {
        let first = self.report.summary.cells().filter(|cell| cell.sample == self.names[0]);
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
        // A cell that failed is in no summary.
        let summary = &self.report.summary;
        let (ours, theirs) = (summary.cell(&cell(module))?, summary.cell(&cell(self.names[0]))?);
        choices
            .iter()
            .find_map(|&(pass, phase)| Some(ours.wall(pass, phase)?.ratio_to(theirs.wall(pass, phase)?)))
    }

    fn artifact_ratio(&self, pair: &Pair) -> Option<f64> {
        let bytes = |module: &str| {
            let mut sizes = self.report.sizes.iter();
            let size = sizes.find(|size| size.engine == pair.engine && size.sample == module)?;
            Some(size.artifact_bytes as f64)
        };
        Some(bytes(&pair.module)? / bytes(self.names[0])?)
    }

    /// The table.
    pub fn sheet(&self) -> Sheet {
        let title = format!("Modules: time and bytes of each, × {}", self.names[0]);
        let columns = PHASES.iter().map(|(name, _)| *name).chain(["artifact bytes"]);
        let mut sheet = Sheet::new(heading::of_table(self.report, &title), &["module", "engine"], columns);
        let mut last = String::new();
        for (number, pair) in self.pairs().enumerate() {
            let label = if pair.module == last { String::new() } else { pair.module.clone() };
            last.clone_from(&pair.module);
            let times = self.groups.iter().zip(PHASES).map(|(group, (_, choices))| {
                let ratio = self.ratio((&pair.engine, EngineEntry::Subject), &pair.module, choices);
                cell(ratio.as_ref(), group.pairs[number].verdict)
            });
            let bytes = self.artifact_ratio(&pair).map(|one| format!("{one:.3}"));
            let bytes = SheetCell::or_without(bytes, ABSENT);
            sheet.row(vec![label, pair.engine.clone()], times.chain([bytes]).collect());
        }
        sheet.below(format!(
            "< less and > more time than {}, ≈ equal within {}%, ? not resolved; without a mark: too few rounds",
            self.names[0],
            100.0 * self.report.equal_within()
        ));
        for ((name, _), group) in PHASES.iter().zip(&self.groups) {
            if let Some(percent) = group.noise_floor_percent {
                sheet.below(format!("{name}: the same comparison twice differed by up to {percent:.1}%"));
            }
        }
        sheet
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

/// A ratio with its ends and the sign of its verdict.
fn cell(ratio: Option<&Series>, verdict: Verdict) -> SheetCell {
    let mark = match verdict {
        Verdict::Faster { .. } => " <",
        Verdict::Slower { .. } => " >",
        Verdict::Equal { .. } => " ≈",
        Verdict::NotResolved { .. } => " ?",
        Verdict::TooFewRounds => "",
    };
    let ratio = ratio.and_then(Series::estimate);
    let ratio = ratio.map(|one| format!("[{:.3} {:.3} {:.3}]{mark}", one.low, one.value, one.high));
    SheetCell::or_without(ratio, ABSENT)
}

/// A series of ratios as a comparison; `None` below ten rounds.
fn compared(ratios: &Series) -> Option<Comparison> {
    stats::compare_ratios(ratios.by_round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
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

    fn report(rounds: u32, modules: &[&str]) -> RunReport {
        let read = [
            calls("e", "old", 100_000, rounds),
            calls("e", "newer", 80_000, rounds),
            control(calls("e", "old", 100_000, rounds)),
            control(calls("e", "newer", 80_000, rounds)),
            calls("same", "old", 100_000, rounds),
            calls("same", "newer", 100_000, rounds),
        ]
        .concat();
        let mut report = made_up::report(&["e", "same"], modules, &read);
        for case in &mut report.cases {
            (case.variant, case.size, case.group) = (OWN.to_owned(), OWN.to_owned(), OWN.to_owned());
        }
        report
    }

    fn text(report: &RunReport) -> String {
        let modules = Modules::of(report).unwrap();
        let mut lines = modules.sentences();
        lines.push(modules.sheet().render(200));
        lines.join("\n")
    }

    #[test]
    fn a_faster_module_is_marked_where_it_is_faster_and_nowhere_else() {
        let text = text(&report(12, &["old", "newer"]));
        let row = |engine: &str| text.lines().find(|line| line.contains(&format!(" {engine} "))).unwrap();
        assert!(row("e").contains("0.80") && row("e").contains("] <"), "{text}");
        assert!(row("same").contains("] ≈"), "{text}");
        assert!(text.contains("d call, warm: the same comparison twice differed by up to 0.0%"), "{text}");
        let sentence =
            "newer, × old: d call, warm 0.89 (of 2 engines 1 less, 0 more, 1 equal, 0 not resolved)\n";
        assert!(text.starts_with(sentence), "{text}");
    }

    #[test]
    fn few_rounds_show_ratios_without_verdicts() {
        let text = text(&report(3, &["old", "newer"]));
        assert!(text.contains("0.80") && !text.contains("] <") && !text.contains("] ≈"), "{text}");
        assert!(text.starts_with("newer, × old: d call, warm 0.89 (2 engines, not tested)\n"), "{text}");
    }

    #[test]
    fn the_file_has_a_line_for_each_module_engine_and_phase() {
        let folder = tempfile::tempdir().unwrap();
        let report = RunReport { folder: folder.path().to_owned(), ..report(3, &["old", "newer"]) };
        Modules::of(&report).unwrap().write().unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), 1 + 2 * PHASES.len());
    }

    #[test]
    fn one_module_or_a_sample_makes_no_comparison() {
        assert!(Modules::of(&report(3, &["old"])).is_none());
        assert!(Modules::of(&made_up::report(&["e"], &["old", "nop"], &[])).is_none());
    }
}
