//! The tables that `cargo xtask bench` prints, one a question: made from the result files alone,
//! so that they can be printed again without measuring.

pub use super::rows::Results;
use super::rows::Sheet;
use protocol::{Pass, Phase};

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
        row.time(&[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]);
        row.time(&[(Pass::WarmCall, Phase::DCallWarm)]);
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
    let ratios: Vec<String> = results.baselines.iter().map(|name| format!("× {name}")).collect();
    let columns: Vec<&str> =
        ["wall", "next run", "CPU"].into_iter().chain(ratios.iter().map(String::as_str)).collect();
    let heading = "Pure execution: d, warm, with its ratios to native code where there is some";
    Sheet::new(results, heading, &columns).rows(|row| {
        let call = (Pass::WarmCall, Phase::DCallWarm);
        row.time(&[call]);
        row.next(call.0, call.1);
        row.cpu(call.0, call.1);
        let own = row.phases.and_then(|phases| phases.wall(call.0, call.1));
        for &native in &results.baselines {
            let native = row.other(native).and_then(|phases| phases.wall(call.0, call.1));
            row.ratio(own, native, Pass::WarmCall);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench::analysis::Summary;
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
        let results = Results {
            engines: vec!["rust-native", "engine", "broken"],
            baselines: vec!["rust-native"],
            cases: vec![("fibonacci", "stripped", "small")],
            summary: &Summary::of(&read),
            sizes: &[ArtifactSize {
                engine: "engine".to_owned(),
                sample: "fibonacci".to_owned(),
                variant: "stripped".to_owned(),
                module_bytes: 171,
                artifact_bytes: 8_992,
                artifact_module_bytes: 0,
            }],
            missing: &[
                missing("rust-native", Pass::Jit, FailureKind::Unsupported, "compiled ahead of time"),
                missing("rust-native", Pass::Aot, FailureKind::Unsupported, "compiled ahead of time"),
                missing("engine", Pass::Parse, FailureKind::Unsupported, "validates only when it compiles"),
                missing("broken", Pass::Jit, FailureKind::Failed, "wrong result: expected 1, got 2"),
            ],
            drift: None,
        };
        insta::assert_snapshot!(all(&results));
    }
}
