//! The table of peak memory, made from `memory.csv` alone.

use super::sheet;
use super::sheet::Notes;
use bench::probe::memory::Peak;
use protocol::{Pass, Phase};

/// What each column shows.
const COLUMNS: [(&str, Pass, Phase); 7] = [
    ("JIT: compile", Pass::Jit, Phase::AbCompile),
    ("instantiate", Pass::Jit, Phase::CInstantiateFirst),
    ("call", Pass::Jit, Phase::DCallFirst),
    ("AOT: save", Pass::Aot, Phase::BSave),
    ("run: load", Pass::Run, Phase::CLoad),
    ("instantiate", Pass::Run, Phase::CInstantiateFirst),
    ("call", Pass::Run, Phase::DCallFirst),
];

/// The table, with the reasons for its empty cells; `cases` and `engines` say what its rows are.
pub fn table(peaks: &[Peak], cases: &[(&str, &str, &str)], engines: &[&str]) -> String {
    let columns = COLUMNS.iter().map(|column| column.0);
    let mut table = sheet::table(["sample", "engine", "idle"].into_iter().chain(columns));
    let mut notes = Notes::default();
    sheet::fill(&mut table, cases, engines, |cell| {
        let of_cell: Vec<&Peak> = peaks.iter().filter(|peak| peak.cell() == *cell).collect();
        let of_phases = COLUMNS.iter().map(|&(_, pass, phase)| peak(&of_cell, pass, phase, &mut notes));
        [idle(&of_cell)].into_iter().chain(of_phases).collect()
    });
    let heading =
        "Peak memory: resident MB of the process, idle and in each phase, every pass in a process of its own";
    format!("\n{heading}\n{table}\n{}", notes.lines())
}

/// What the engine has resident before it is given a module: the least of its processes.
fn idle(of_cell: &[&Peak]) -> String {
    let least = of_cell.iter().filter_map(|peak| peak.idle_bytes).min();
    least.map(megabytes).unwrap_or_default()
}

fn peak(of_cell: &[&Peak], pass: Pass, phase: Phase, notes: &mut Notes) -> String {
    // A module that is only compiled has its loads read alone.
    let is_of = |other: Pass| other == pass || (pass == Pass::Run && other == Pass::Load);
    let of_pass = || of_cell.iter().filter(|peak| is_of(peak.pass));
    let found = of_pass().find(|peak| peak.phase == Some(phase));
    if let Some(bytes) = found.and_then(|peak| peak.peak_bytes) {
        let reset = found.is_some_and(|peak| peak.since_reset == Some(true));
        return if reset { megabytes(bytes) } else { format!("≤ {}", megabytes(bytes)) };
    }
    let reason = of_pass().find_map(|peak| peak.reason.as_deref());
    let phases = of_pass().filter(|peak| peak.phase.is_some()).count();
    notes.cite(
        "n/a",
        reason.unwrap_or(match phases {
            0 => "not read in this run",
            _ => "no phase of its own with this engine",
        }),
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        insta::assert_snapshot!(table(
            &peaks,
            &[("fibonacci", "stripped", "small")],
            &["rust-native", "engine"]
        ));
    }
}
