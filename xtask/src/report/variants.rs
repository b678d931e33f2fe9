//! A variant against the first one of a run: how the engines compare in each, over the samples that were
//! measured in both. The oldest features, which every engine takes, may handicap some engines more than others.

use super::heading;
use super::model::RunReport;
use super::sheet::{Sheet, SheetCell};
use super::units::three_digits;
use bench::analysis::overview::{COLUMNS, Choices, RelativeColumn, RelativeTime};
use bench::analysis::{CellSeries, Series};
use bench::record::CaseFacts;
use bench::stats::{self, ByRound};
use protocol::Phase;

/// What is compared, each in three columns.
const COMPARED: [(&str, Phase); 2] = [("compile", Phase::AbCompile), ("call", Phase::DCallWarm)];

/// A table for each variant but the first.
pub fn tables(report: &RunReport) -> Vec<Sheet> {
    let mut variants: Vec<&str> = Vec::new();
    for case in &report.cases {
        if !variants.contains(&case.variant.as_str()) {
            variants.push(&case.variant);
        }
    }
    let Some((first, others)) = variants.split_first() else { return Vec::new() };
    others.iter().filter_map(|variant| table(report, first, variant)).collect()
}

/// `None` where no sample was measured in both.
fn table(report: &RunReport, first: &str, variant: &str) -> Option<Sheet> {
    let pairs = pairs(report, first, variant);
    if pairs.is_empty() {
        return None;
    }
    let samples: Vec<&str> = pairs.iter().map(|(_, case)| case.sample.as_str()).collect();
    let title = format!(
        "Variant {variant} against {first}: times relative to the fastest engine in each, and {variant} divided by \
         {first}; geometric means over {}",
        samples.join(", ")
    );
    let columns = COMPARED.iter().flat_map(|(name, _)| {
        [format!("{name}, {first}"), format!("{name}, {variant}"), format!("{name}, {variant} / {first}")]
    });
    let mut sheet = Sheet::new(heading::of_table(report, &title), &["engine"], columns);
    let (firsts, others): (Vec<CaseFacts>, Vec<CaseFacts>) = pairs.iter().cloned().unzip();
    let compared: Vec<[Option<RelativeColumn>; 2]> = COMPARED
        .iter()
        .map(|(_, phase)| [&firsts, &others].map(|cases| column(report, cases, *phase)))
        .collect();
    for engine in &report.engines {
        let mut cells = Vec::new();
        for ((_, phase), columns) in COMPARED.iter().zip(&compared) {
            cells.extend(columns.iter().map(|one| relative(one.as_ref().and_then(|one| one.engine(engine)))));
            cells.push(change(report, engine, &pairs, *phase));
        }
        sheet.row(vec![engine.clone()], cells);
    }
    Some(sheet)
}

/// The samples that were measured in both, in each.
fn pairs(report: &RunReport, first: &str, variant: &str) -> Vec<(CaseFacts, CaseFacts)> {
    let of_first = |case: &CaseFacts| {
        let is_same = |one: &&CaseFacts| {
            (one.variant.as_str(), &one.sample, &one.size) == (first, &case.sample, &case.size)
        };
        report.cases.iter().find(is_same).cloned()
    };
    let others = report.cases.iter().filter(|case| case.variant == variant);
    others.filter_map(|case| Some((of_first(case)?, case.clone()))).collect()
}

fn choices(phase: Phase) -> Choices {
    COLUMNS.iter().find(|column| column.0 == phase).map_or(&[], |column| column.1)
}

fn column(report: &RunReport, cases: &[CaseFacts], phase: Phase) -> Option<RelativeColumn> {
    let engines = report.engine_names();
    RelativeColumn::of(&report.summary, &engines, cases, (phase, choices(phase)), report.equal_within())
}

fn relative(time: Option<&RelativeTime>) -> SheetCell {
    let ends = |time: &RelativeTime| time.interval.map(|one| (one.low, one.high));
    let text = time.map(|time| with_interval(time.ratio, ends(time)));
    SheetCell::or_without(text, "the engine has it in too few of these samples")
}

fn with_interval(ratio: f64, ends: Option<(f64, f64)>) -> String {
    match ends {
        Some((low, high)) => {
            format!("[{} {} {}]", three_digits(low), three_digits(ratio), three_digits(high))
        }
        None => three_digits(ratio),
    }
}

/// The other variant's time divided by the first's, which are neighbours in time: the geometric mean over the
/// samples in each round, and over the rounds.
fn change(report: &RunReport, engine: &str, pairs: &[(CaseFacts, CaseFacts)], phase: Phase) -> SheetCell {
    let series = |case: &CaseFacts| -> Option<&Series> {
        let cell: &CellSeries = report.summary.cell(&case.subject(engine))?;
        choices(phase).iter().find_map(|(pass, phase)| cell.wall(*pass, *phase))
    };
    let ratio = |(first, other): &(CaseFacts, CaseFacts)| {
        Some(series(other)?.ratio_to(series(first)?).by_round().clone())
    };
    let ratios: Option<Vec<ByRound>> = pairs.iter().map(ratio).collect();
    let text = ratios.map(|ratios| mean_of_rounds(&ratios)).and_then(|by_round| {
        let ends = stats::compare_ratios(&by_round).map(|one| (one.low, one.high));
        Some(with_interval(stats::geometric_mean(by_round.into_values())?, ends))
    });
    SheetCell::or_without(text, "the engine does not have it in both variants")
}

/// The geometric mean of several ratios in each round that all have.
fn mean_of_rounds(ratios: &[ByRound]) -> ByRound {
    let Some(first) = ratios.first() else { return ByRound::new() };
    let of_round = |round: &u32| {
        let values: Option<Vec<f64>> = ratios.iter().map(|one| one.get(round).copied()).collect();
        Some((*round, stats::geometric_mean(values?)?))
    };
    first.keys().filter_map(of_round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use bench::record::EngineEntry;
    use bench::record::Reading;
    use protocol::Pass;

    fn calls(engine: &str, variant: &str, wall_ns: u64) -> Vec<Reading> {
        let reading = |round| Reading {
            round,
            process: 1,
            engine: engine.to_owned(),
            entry: EngineEntry::Subject,
            sample: "json".to_owned(),
            variant: variant.to_owned(),
            size: "small".to_owned(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: None,
        };
        (1..=3).map(reading).collect()
    }

    #[test]
    fn a_variant_stands_beside_the_first_and_an_engine_without_it_says_so() {
        let readings = [
            calls("native", "stripped", 100_000),
            calls("native", "modern", 100_000),
            calls("new", "stripped", 300_000),
            calls("new", "modern", 200_000),
            calls("old", "stripped", 400_000),
        ]
        .concat();
        let mut report = made_up::report(&["native", "new", "old"], &["json"], &readings);
        report.cases.push(CaseFacts { variant: "modern".to_owned(), ..report.cases[0].clone() });
        let tables = tables(&report);
        assert_eq!(tables.len(), 1);
        let text = tables[0].render(200);
        let line = |engine: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(engine)).unwrap().to_owned();
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(line("new"), ["new", "3.00", "2.00", "0.67"], "{text}");
        assert_eq!(line("old")[..2], ["old", "4.00"], "{text}");
        assert!(text.contains("does not have it in both"), "{text}");
    }

    #[test]
    fn one_variant_has_nothing_to_stand_beside() {
        assert!(tables(&made_up::report(&["native"], &["json"], &calls("native", "stripped", 9))).is_empty());
    }
}
