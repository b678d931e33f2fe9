//! The tables of times and of artifact bytes, one a question.

use super::heading;
use super::model::RunReport;
use super::rows::{self, PhaseRow};
use super::sheet::{Sheet, SheetCell};
use protocol::{Pass, Phase};

/// A table of times with its heading.
fn table(report: &RunReport, title: &str, columns: &[&str], fill: impl Fn(&mut PhaseRow<'_>)) -> Sheet {
    let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    rows::times(report, heading::of_table(report, title), &columns, fill)
}

/// Where c' is read: on the way to a result or, where a module is only compiled, alone.
const LOAD: [(Pass, Phase); 2] = [(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)];

pub fn individual(report: &RunReport) -> Sheet {
    let columns = ["a+b compile", "c instantiate", "d call"];
    let heading = "Individual phases: a+b compile, c instantiate, d call, each for the first time";
    table(report, heading, &columns, |row| {
        row.time(&[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]);
        row.time(&[(Pass::Jit, Phase::CInstantiateFirst), (Pass::Run, Phase::CInstantiateFirst)]);
        row.time(&[(Pass::Jit, Phase::DCallFirst), (Pass::Run, Phase::DCallFirst)]);
    })
}

pub fn individual_warm(report: &RunReport) -> Sheet {
    let columns = ["engine", "a parse", "c instantiate", "d call", "empty call"];
    let heading = "Beside the totals: engine creation, a parse where it stands alone, c and d warm";
    let mut sheet = table(report, heading, &columns, |row| {
        row.time(&[(Pass::Jit, Phase::Engine), (Pass::Run, Phase::Engine)]);
        row.time(&[(Pass::Parse, Phase::AParse)]);
        row.time(&[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]);
        row.call();
        row.empty_call();
    });
    rows::short_calls(report).into_iter().for_each(|line| sheet.below(line));
    sheet
}

pub fn jit(report: &RunReport) -> Sheet {
    let columns = ["wall", "next run", "CPU", "AOT total where there is no JIT"];
    table(report, "JIT: a+b+c+d, from bytes to the first result", &columns, |row| {
        row.time(&[(Pass::Jit, Phase::Jit)]);
        row.next(Pass::Jit, Phase::Jit);
        row.cpu(Pass::Jit, Phase::Jit);
        let has_jit = row.phases.is_some_and(|phases| phases.wall(Pass::Jit, Phase::Jit).is_some());
        if has_jit {
            row.cells.push(SheetCell::Blank);
        } else {
            let total = row.sum((Pass::Aot, Phase::AotCompile), (Pass::Run, Phase::AotExecute));
            row.series(total.as_ref(), &[Pass::Aot, Pass::Run]);
        }
    })
}

pub fn aot_total(report: &RunReport) -> Sheet {
    let columns = ["AOT total", "b' save", "c' load", "b'+c'", "× JIT"];
    let heading = "AOT total: a+b+b'+c'+c+d, with its overhead b'+c' and its ratio to JIT";
    table(report, heading, &columns, |row| {
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

pub fn aot_compile_time(report: &RunReport) -> Sheet {
    let heading = "AOT compile (time): a+b+b', the build step";
    table(report, heading, &["wall", "next run", "CPU"], |row| {
        row.time(&[(Pass::Aot, Phase::AotCompile)]);
        row.next(Pass::Aot, Phase::AotCompile);
        row.cpu(Pass::Aot, Phase::AotCompile);
    })
}

pub fn aot_compile_space(report: &RunReport) -> Sheet {
    let heading = "AOT compile (space): the artifact's bytes; for native code, the shared library's";
    let columns = ["artifact bytes", "module bytes", "× module", "code", "data", "maps", "names", "other"];
    let mut sheet = table(report, heading, &columns, |row| {
        let Some(size) = row.size().cloned() else {
            return (0..columns.len()).for_each(|_| row.empty(&[Pass::Aot]));
        };
        let ratio = size.artifact_bytes as f64 / size.module_bytes.max(1) as f64;
        row.value(size.artifact_bytes.to_string());
        row.value(size.module_bytes.to_string());
        row.value(format!("{ratio:.2}"));
        let parts = [size.code_bytes, size.data_bytes, size.maps_bytes, size.names_bytes, size.other_bytes];
        for bytes in parts {
            let known = bytes.map(|bytes| bytes.to_string());
            row.cells.push(SheetCell::or_without(known, "unknown: its format is the engine's own"));
        }
    });
    sheet.below(
        "bytes of: code; data that is loaded; maps of traps, addresses and frames; names; the rest"
            .to_owned(),
    );
    sheet
}

pub fn aot_execute(report: &RunReport) -> Sheet {
    let columns = ["wall", "next run", "CPU", "of which c' load", "c first", "d first"];
    let heading = "AOT execute: c'+c+d, the run step, in a process that has compiled nothing";
    table(report, heading, &columns, |row| {
        row.time(&[(Pass::Run, Phase::AotExecute)]);
        row.next(Pass::Run, Phase::AotExecute);
        row.cpu(Pass::Run, Phase::AotExecute);
        row.time(&LOAD);
        row.time(&[(Pass::Run, Phase::CInstantiateFirst)]);
        row.time(&[(Pass::Run, Phase::DCallFirst)]);
    })
}

pub fn cold_start(report: &RunReport) -> Sheet {
    let columns = ["engine (JIT)", "JIT", "engine+JIT", "engine (AOT)", "AOT execute", "engine+AOT execute"];
    let heading = "Cold start: the first pass of a fresh process, with the engine's creation";
    table(report, heading, &columns, |row| {
        for (pass, total) in [(Pass::ColdJit, Phase::Jit), (Pass::ColdRun, Phase::AotExecute)] {
            row.time(&[(pass, Phase::Engine)]);
            row.time(&[(pass, total)]);
            let sum = row.sum((pass, Phase::Engine), (pass, total));
            row.series(sum.as_ref(), &[pass]);
        }
    })
}

pub fn pure_execution(report: &RunReport) -> Sheet {
    let ratios: Vec<String> = report.baselines.iter().map(|name| format!("× {name}")).collect();
    let columns: Vec<&str> = ["wall", "empty call", "next run", "CPU"]
        .into_iter()
        .chain(ratios.iter().map(String::as_str))
        .collect();
    let heading = "Pure execution: d, warm, with its ratios to native code where there is some";
    let mut sheet = table(report, heading, &columns, |row| {
        let call = (Pass::WarmCall, Phase::DCallWarm);
        row.call();
        row.empty_call();
        row.next(call.0, call.1);
        row.cpu(call.0, call.1);
        let own = row.phases.and_then(|phases| phases.wall(call.0, call.1));
        for native in &report.baselines {
            let native = row.other(native).and_then(|phases| phases.wall(call.0, call.1));
            row.ratio(own, native, Pass::WarmCall);
        }
    });
    rows::short_calls(report).into_iter().for_each(|line| sheet.below(line));
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use bench::record::{ArtifactSize, Failure, FailureKind, Reading};

    /// A reading of `engine` in each of three rounds, `wall_ns` and 10% to each side of it.
    fn readings(engine: &str, pass: Pass, phase: Phase, wall_ns: u64) -> Vec<Reading> {
        let reading = |(round, wall_ns)| Reading {
            round,
            process: 1,
            engine: engine.to_owned(),
            entry: bench::record::EngineEntry::Subject,
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

    fn missing(engine: &str, pass: Pass, kind: FailureKind, reason: &str) -> Failure {
        Failure {
            round: 0,
            engine: engine.to_owned(),
            entry: bench::record::EngineEntry::Subject,
            sample: "fibonacci".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass,
            phase: (kind == FailureKind::Failed).then_some(Phase::DCallFirst),
            kind,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn every_table_has_a_value_or_a_reason_in_every_cell() {
        let read = [
            readings("rust-native", Pass::Run, Phase::CLoad, 40_000),
            readings("rust-native", Pass::Run, Phase::AotExecute, 60_000),
            readings("rust-native", Pass::WarmCall, Phase::DCallWarm, 20_000),
            readings("engine", Pass::Jit, Phase::Engine, 5_000),
            readings("engine", Pass::Jit, Phase::AbCompile, 2_000_000),
            readings("engine", Pass::Jit, Phase::CInstantiateFirst, 10_000),
            readings("engine", Pass::Jit, Phase::DCallFirst, 31_000),
            readings("engine", Pass::Jit, Phase::Jit, 2_041_000),
            readings("engine", Pass::Aot, Phase::AotCompile, 2_100_000),
            readings("engine", Pass::Aot, Phase::BSave, 100_000),
            readings("engine", Pass::Run, Phase::CLoad, 30_000),
            readings("engine", Pass::Run, Phase::AotExecute, 70_000),
            readings("engine", Pass::WarmCall, Phase::DCallWarm, 30_000),
        ]
        .concat();
        let report = RunReport {
            baselines: vec!["rust-native".to_owned()],
            sizes: vec![ArtifactSize {
                engine: "engine".to_owned(),
                sample: "fibonacci".to_owned(),
                variant: "stripped".to_owned(),
                module_bytes: 171,
                artifact_bytes: 8_992,
                artifact_module_bytes: 0,
                ..ArtifactSize::default()
            }],
            failures: vec![
                missing("rust-native", Pass::Jit, FailureKind::Unsupported, "compiled ahead of time"),
                missing("rust-native", Pass::Aot, FailureKind::Unsupported, "compiled ahead of time"),
                missing("engine", Pass::Parse, FailureKind::Unsupported, "validates only when it compiles"),
                missing("broken", Pass::Jit, FailureKind::Failed, "wrong result: expected 1, got 2"),
            ],
            ..made_up::report(&["rust-native", "engine", "broken"], &["fibonacci"], &read)
        };
        let tables = [
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
        insta::assert_snapshot!(tables.map(|table| table(&report).render(100)).concat());
    }
}
