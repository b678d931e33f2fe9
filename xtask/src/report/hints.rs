//! Hints on one's own modules: what a number probably means that looks too good or too bad, one line each, once a
//! module.

use super::model::RunReport;
use super::units::duration;
use bench::plan::{OWN, is_mvp};
use bench::record::{CaseFacts, FailureKind};
use protocol::{Pass, Phase};
use std::collections::BTreeSet;

/// A call that takes less shows little of the module, in nanoseconds.
const SHORT_NS: f64 = 10.0;
/// A ratio between engines that is rarely one between engines.
const LARGE_RATIO: f64 = 1_000.0;

/// The hints of a run; none for samples.
pub fn of(report: &RunReport) -> Vec<String> {
    let own = report.cases.iter().filter(|case| case.variant == OWN);
    own.flat_map(|case| [of_calls(report, case), of_features(report, case)]).flatten().collect()
}

/// What the warm calls of `case` say of it.
fn of_calls(report: &RunReport, case: &CaseFacts) -> Option<String> {
    let value_ns = |engine: &str| {
        let cell = report.summary.cell(&case.subject(engine))?;
        Some(cell.wall(Pass::WarmCall, Phase::DCallWarm)?.estimate()?.value)
    };
    let engines = report.engine_names();
    let mut times: Vec<(f64, &str)> =
        engines.into_iter().filter_map(|engine| Some((value_ns(engine)?, engine))).collect();
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ((least_ns, fastest), (most_ns, slowest)) = (*times.first()?, *times.last()?);
    let name = &case.sample;
    let ratio = most_ns / least_ns;
    if least_ns < SHORT_NS && ratio > LARGE_RATIO {
        return Some(format!(
            "hint: {name}: {fastest} needs {} where {slowest} needs {}: its compiler has probably removed the work, \
             since nothing depends on it; let the result depend on the argument",
            duration(least_ns),
            duration(most_ns)
        ));
    }
    if least_ns < SHORT_NS {
        return Some(format!(
            "hint: {name}: {fastest} needs {} for a call: that is the way in and out more than the module; give it \
             more to do",
            duration(least_ns)
        ));
    }
    (ratio > LARGE_RATIO).then(|| {
        format!(
            "hint: {name}: {slowest} takes {ratio:.0} times as long as {fastest} to call it, which is rarely the \
             engines alone: look whether both do the same work (--expect VALUE checks the result)"
        )
    })
}

/// Which engines do not take the newer features of `case`, and how they would.
fn of_features(report: &RunReport, case: &CaseFacts) -> Option<String> {
    // Where an engine compiles first: one that cannot save artifacts lacks no feature.
    let compiles_in = |engine: &str| {
        let facts = report.run.engines.iter().find(|one| one.name == engine);
        let jit = facts.is_none_or(|one| one.hello.can.jit.reason().is_none());
        if jit { Pass::Jit } else { Pass::Aot }
    };
    let lacks = report.failures.iter().filter(|one| {
        let is_here = one.cell() == case.subject(&one.engine) && one.pass == compiles_in(&one.engine);
        is_here && one.kind == FailureKind::Unsupported
    });
    let engines: BTreeSet<&str> = lacks.map(|one| one.engine.as_str()).collect();
    // An engine that has a compile time takes it; what it lacks is something else.
    let takes = |engine: &str| {
        report.summary.cell(&case.subject(engine)).is_some_and(|cell| {
            [Pass::Jit, Pass::Aot].iter().any(|pass| cell.wall(*pass, Phase::AbCompile).is_some())
        })
    };
    let engines: Vec<&str> = engines.into_iter().filter(|engine| !takes(engine)).collect();
    let wasm = report.folder.join("modules").join(format!("{}.wasm", case.sample));
    (!engines.is_empty() && wasm.is_file() && !is_mvp(&wasm)).then(|| {
        format!(
            "hint: {}: {} may take it when it is built for the first version of WebAssembly (rustc -C \
             target-cpu=mvp, clang -mcpu=mvp)",
            case.sample,
            engines.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use bench::record::{EngineEntry, Failure, Reading};

    fn calls(engine: &str, wall_ns: u64) -> Reading {
        Reading {
            round: 1,
            process: 1,
            engine: engine.to_owned(),
            entry: EngineEntry::Subject,
            sample: "app".to_owned(),
            variant: OWN.to_owned(),
            size: OWN.to_owned(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: None,
        }
    }

    fn report(times_ns: [u64; 2]) -> RunReport {
        let readings = [calls("a", times_ns[0]), calls("b", times_ns[1])];
        let mut report = made_up::report(&["a", "b"], &["app"], &readings);
        for case in &mut report.cases {
            (case.variant, case.size) = (OWN.to_owned(), OWN.to_owned());
        }
        report
    }

    #[test]
    fn a_call_that_does_nothing_a_removed_loop_and_a_ratio_beyond_belief_have_a_line_each() {
        let hint = |times_ns| of(&report(times_ns)).join("\n");
        assert!(hint([5, 50]).contains("a needs 5.000 ns for a call"), "{}", hint([5, 50]));
        assert!(hint([5, 50_000]).contains("removed the work"), "{}", hint([5, 50_000]));
        assert!(hint([1_000, 2_000_000]).contains("b takes 2000 times as long as a"));
        assert!(hint([1_000, 2_000]).is_empty());
    }

    #[test]
    fn an_engine_that_lacks_a_feature_is_named_with_how_it_would_take_the_module() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("modules")).unwrap();
        let text = "(module (func (export \"f\") (result v128) (v128.const i64x2 0 0)))";
        std::fs::write(folder.path().join("modules/app.wasm"), wat::parse_str(text).unwrap()).unwrap();
        let mut report = report([1_000, 2_000]);
        report.folder = folder.path().to_owned();
        let cell = report.cases[0].subject("old");
        report.failures.push(Failure {
            round: 0,
            engine: "old".to_owned(),
            entry: EngineEntry::Subject,
            sample: cell.sample,
            variant: cell.variant,
            size: cell.size,
            pass: Pass::Aot,
            phase: None,
            kind: FailureKind::Unsupported,
            reason: "it cannot save".to_owned(),
        });
        report.engines.push("old".to_owned());
        assert!(of(&report).is_empty(), "an engine without artifacts lacks no feature");
        report.failures[0].pass = Pass::Jit;
        assert!(of(&report)[0].contains("old may take it when it is built for the first version"));
    }
}
