//! The table of instructions.

use super::heading;
use super::model::RunReport;
use super::rows;
use super::sheet::{Sheet, SheetCell};
use bench::probe::counters::Count;
use protocol::{Pass, Phase};

/// What each column shows: the first of its passes that was counted.
const COLUMNS: [(&str, &[(Pass, Phase)]); 7] = [
    ("compile", &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]),
    ("save", &[(Pass::Aot, Phase::BSave)]),
    ("load", &[(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)]),
    ("instantiate", &[(Pass::Jit, Phase::CInstantiateFirst), (Pass::Run, Phase::CInstantiateFirst)]),
    ("call", &[(Pass::Jit, Phase::DCallFirst), (Pass::Run, Phase::DCallFirst)]),
    ("instantiate, warm", &[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]),
    ("call, warm", &[(Pass::WarmCall, Phase::DCallWarm)]),
];

/// The table; `None` where nothing was counted.
pub fn table(report: &RunReport) -> Option<Sheet> {
    let counts = report.counts.as_ref()?;
    let source = counts.first().map_or("no counter", |count| count.source.name());
    let title = format!("Instructions in user space, every pass in a process of its own, by {source}");
    let columns = COLUMNS.iter().map(|column| column.0);
    let mut sheet = Sheet::new(heading::of_table(report, &title), &rows::KEYS, columns);
    rows::fill(&mut sheet, report, |cell| {
        let of_cell: Vec<&Count> = counts.iter().filter(|count| count.cell() == *cell).collect();
        COLUMNS.iter().map(|&(_, choices)| count(&of_cell, choices)).collect()
    });
    Some(sheet)
}

fn count(of_cell: &[&Count], choices: &[(Pass, Phase)]) -> SheetCell {
    let found = |&(pass, phase): &(Pass, Phase)| {
        of_cell.iter().find(|count| (count.pass, count.phase) == (pass, Some(phase)))?.instructions
    };
    if let Some(instructions) = choices.iter().find_map(found) {
        return SheetCell::Value(grouped(instructions));
    }
    // The pass of a warm call instantiates, too.
    let includes =
        |pass: Pass, other: Pass| pass == other || (pass, other) == (Pass::WarmInstantiate, Pass::WarmCall);
    let of_passes =
        || of_cell.iter().filter(|count| choices.iter().any(|choice| includes(choice.0, count.pass)));
    let reason = of_passes().find_map(|count| count.reason.as_deref());
    let absent = if of_passes().next().is_some() {
        "no phase of its own with this engine"
    } else {
        "not counted in this run"
    };
    SheetCell::without(reason.unwrap_or(absent))
}

/// Every digit, in groups of three: what is compared here may differ in the last.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use bench::record::CounterSource;

    fn line(engine: &str, pass: Pass, phase: Option<Phase>, reason: Option<&str>) -> Count {
        Count {
            engine: engine.to_owned(),
            sample: "fibonacci".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass,
            phase,
            processes: 1,
            instructions: phase.map(|_| 12_345_678),
            instructions_min: None,
            instructions_max: None,
            cycles: None,
            source: CounterSource::Callgrind,
            reason: reason.map(str::to_owned),
        }
    }

    #[test]
    fn every_cell_has_a_count_or_a_reason() {
        let compiled = Some("compiled ahead of time");
        let counts = [
            line("rust-native", Pass::Jit, None, compiled),
            line("rust-native", Pass::Aot, None, compiled),
            line("rust-native", Pass::Run, Some(Phase::CLoad), None),
            line("rust-native", Pass::Run, Some(Phase::DCallFirst), None),
            line("rust-native", Pass::WarmCall, Some(Phase::DCallWarm), None),
            line("engine", Pass::Jit, None, Some("the worker died (signal: 4 (SIGILL))")),
            line("engine", Pass::Aot, Some(Phase::AbCompile), None),
            line("engine", Pass::Aot, Some(Phase::BSave), None),
        ];
        let report = RunReport {
            counts: Some(counts.to_vec()),
            ..made_up::report(&["rust-native", "engine"], &["fibonacci"], &[])
        };
        insta::assert_snapshot!(table(&report).unwrap().render(100));
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([7, 123, 1_234, 1_234_567].map(grouped), ["7", "123", "1 234", "1 234 567"]);
    }
}
