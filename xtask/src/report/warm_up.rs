//! The table of the warm-up series: what the first call and a steady one take.

use super::heading;
use super::model::RunReport;
use super::rows;
use super::sheet::{Sheet, SheetCell};
use super::steady::not_steady;
use super::units::duration;
use bench::analysis::warm_up::{WarmUp, WarmUpState};

/// The table of the warm-up series; `None` where there are none.
pub fn table(report: &RunReport) -> Option<Sheet> {
    if report.warm_ups.is_empty() {
        return None;
    }
    let title =
        "Warm-up: the first call, a steady one, their ratio, and the call from which on they are steady";
    let columns = ["d first", "d steady", "ratio", "from call", "after"].map(str::to_owned);
    let mut sheet = Sheet::new(heading::of_table(report, title), &rows::KEYS, &columns);
    let has_series = |engine: &&String| report.warm_ups.keys().any(|cell| cell.engine == **engine);
    let engines = report.engines.iter().filter(has_series).cloned().collect();
    rows::fill(&mut sheet, &RunReport { engines, ..report.clone() }, |cell| {
        match report.warm_ups.get(cell) {
            Some(warm_up) => cells(warm_up),
            None => {
                let blank = || SheetCell::Blank;
                vec![SheetCell::without("its calls failed"), blank(), blank(), blank(), blank()]
            }
        }
    });
    Some(sheet)
}

fn cells(warm_up: &WarmUp) -> Vec<SheetCell> {
    let value = |text: Option<String>| SheetCell::or_without(text, "not measured in this run");
    let first = value(warm_up.first_ns.map(duration));
    match warm_up.state {
        WarmUpState::Steady { from_call, after_ns, call_ns } => vec![
            first,
            SheetCell::Value(duration(call_ns)),
            value(warm_up.first_ns.map(|first_ns| format!("{:.2}", first_ns / call_ns))),
            SheetCell::Value(from_call.to_string()),
            SheetCell::Value(duration(after_ns)),
        ],
        _ => {
            let reason = not_steady(warm_up).unwrap_or_default();
            let without = SheetCell::Without { mark: "not steady", reason };
            vec![first, without, SheetCell::Blank, SheetCell::Blank, SheetCell::Blank]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use crate::report::ranking;
    use bench::analysis::comparisons::comparison_groups;
    use bench::record::{EngineEntry, Reading};
    use protocol::{Pass, Phase};

    /// Three warm calls of each engine, one a round.
    fn readings(engines: &[&str]) -> Vec<Reading> {
        let of_engine = |(engine, wall_ns): (&&str, u64)| {
            let reading = |round| Reading {
                round,
                process: 1,
                engine: (*engine).to_owned(),
                entry: EngineEntry::Subject,
                sample: "fibonacci".into(),
                variant: "stripped".into(),
                size: "small".into(),
                pass: Pass::WarmCall,
                phase: Phase::DCallWarm,
                cycle: 0,
                iteration: 0,
                cold: false,
                calls: 1,
                wall_ns: wall_ns + u64::from(round),
                cpu_ns: None,
            };
            (1..=12).map(reading).collect::<Vec<_>>()
        };
        engines.iter().zip([10_000, 20_000, 30_000]).flat_map(of_engine).collect()
    }

    #[test]
    fn calls_that_are_not_steady_say_so_and_are_in_no_ranking() {
        let engines = ["steady", "changing", "other"];
        let mut report = made_up::report(&engines, &["fibonacci"], &readings(&engines));
        let warm_up =
            |state| WarmUp { state, first_ns: Some(90_000.0), calls: 500, span_ns: 5e8, calls_before: 0 };
        let steady = WarmUpState::Steady { from_call: 4, after_ns: 120_000.0, call_ns: 10_000.0 };
        for (engine, state) in [("steady", steady), ("changing", WarmUpState::StillChanging)] {
            report.warm_ups.insert(report.cases[0].subject(engine), warm_up(state));
        }
        let taken = crate::report::steady::take_out(&report.run, &report.warm_ups, &mut report.summary);
        report.failures.extend(taken);
        let text = crate::report::phases::pure_execution(&report).render(96);
        let reason = "[1] not steady: still changing after 500 calls in 500.0 ms; 20.01 µs in the rounds";
        assert!(text.contains("not steady [1]") && text.contains(reason), "{text}");
        let groups = comparison_groups(&report.summary, 0.02);
        let rankings = ranking::rankings(&report, &groups, 96);
        assert!(rankings.contains("steady") && rankings.contains("other"), "{rankings}");
        assert!(!rankings.contains("changing"), "{rankings}");
        let text = table(&report).unwrap().render(96);
        let row = text.lines().find(|line| line.contains("fibonacci")).unwrap();
        let row: Vec<&str> = row.split_whitespace().skip(2).collect();
        assert_eq!(row, ["90.00", "µs", "10.00", "µs", "9.00", "4", "120.0", "µs"], "{text}");
    }
}
