//! The table of peak memory.

use super::heading;
use super::model::RunReport;
use super::rows;
use super::sheet::{Sheet, SheetCell};
use bench::probe::memory::Peak;
use protocol::{Pass, Phase};

/// What each column shows.
const COLUMNS: [(&str, Pass, Phase); 7] = [
    ("JIT compile", Pass::Jit, Phase::AbCompile),
    ("JIT instantiate", Pass::Jit, Phase::CInstantiateFirst),
    ("JIT call", Pass::Jit, Phase::DCallFirst),
    ("AOT save", Pass::Aot, Phase::BSave),
    ("run load", Pass::Run, Phase::CLoad),
    ("run instantiate", Pass::Run, Phase::CInstantiateFirst),
    ("run call", Pass::Run, Phase::DCallFirst),
];

/// The table; `None` where no memory was read.
pub fn table(report: &RunReport) -> Option<Sheet> {
    let peaks = report.peaks.as_ref()?;
    let title =
        "Peak memory: resident MB of the process, idle and in each phase, every pass in a process of its own";
    let columns = ["idle"].into_iter().chain(COLUMNS.iter().map(|column| column.0));
    let mut sheet = Sheet::new(heading::of_table(report, title), &rows::KEYS, columns);
    rows::fill(&mut sheet, report, |cell| {
        let of_cell: Vec<&Peak> = peaks.iter().filter(|peak| peak.cell() == *cell).collect();
        let of_phases = COLUMNS.iter().map(|&(_, pass, phase)| peak(&of_cell, pass, phase));
        [idle(&of_cell)].into_iter().chain(of_phases).collect()
    });
    Some(sheet)
}

/// What the engine has resident before it is given a module: the least of its processes.
fn idle(of_cell: &[&Peak]) -> SheetCell {
    let least = of_cell.iter().filter_map(|peak| peak.idle_bytes).min();
    least.map_or(SheetCell::Blank, |bytes| SheetCell::Value(megabytes(bytes)))
}

fn peak(of_cell: &[&Peak], pass: Pass, phase: Phase) -> SheetCell {
    // A module that is only compiled has its loads read alone.
    let is_of = |other: Pass| other == pass || (pass == Pass::Run && other == Pass::Load);
    let of_pass = || of_cell.iter().filter(|peak| is_of(peak.pass));
    let found = of_pass().find(|peak| peak.phase == Some(phase));
    if let Some(bytes) = found.and_then(|peak| peak.peak_bytes) {
        let reset = found.is_some_and(|peak| peak.since_reset == Some(true));
        let megabytes = megabytes(bytes);
        return SheetCell::Value(if reset { megabytes } else { format!("≤ {megabytes}") });
    }
    let reason = of_pass().find_map(|peak| peak.reason.as_deref());
    let phases = of_pass().filter(|peak| peak.phase.is_some()).count();
    SheetCell::without(reason.unwrap_or(match phases {
        0 => "not read in this run",
        _ => "no phase of its own with this engine",
    }))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;

    fn line(engine: &str, pass: Pass, phase: Phase, peak_bytes: u64) -> Peak {
        Peak {
            engine: engine.to_owned(),
            sample: "fibonacci".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass,
            from_artifact: pass == Pass::Run,
            phase: Some(phase),
            idle_bytes: Some(9_000_000),
            peak_bytes: Some(peak_bytes),
            since_reset: Some(true),
            reason: None,
        }
    }

    fn without(engine: &str, pass: Pass, reason: &str) -> Peak {
        let none = Peak {
            phase: None,
            idle_bytes: None,
            peak_bytes: None,
            since_reset: None,
            ..line(engine, pass, Phase::Jit, 0)
        };
        Peak { reason: Some(reason.to_owned()), ..none }
    }

    #[test]
    fn every_cell_has_a_peak_or_a_reason() {
        let not_reset =
            Peak { since_reset: Some(false), ..line("engine", Pass::Jit, Phase::DCallFirst, 12_340_000) };
        let peaks = [
            line("engine", Pass::Jit, Phase::AbCompile, 31_260_000),
            line("engine", Pass::Jit, Phase::CInstantiateFirst, 12_000_000),
            not_reset,
            without("engine", Pass::Aot, "it saves nothing"),
            without("engine", Pass::Run, "it is only compiled"),
            line("engine", Pass::Load, Phase::CLoad, 10_500_000),
            line("rust-native", Pass::Run, Phase::CLoad, 9_100_000),
            line("rust-native", Pass::Run, Phase::DCallFirst, 9_200_000),
        ];
        let report = RunReport {
            peaks: Some(peaks.to_vec()),
            ..made_up::report(&["rust-native", "engine"], &["fibonacci"], &[])
        };
        insta::assert_snapshot!(table(&report).unwrap().render(100));
        assert!(table(&RunReport { peaks: None, ..report }).is_none());
    }
}
