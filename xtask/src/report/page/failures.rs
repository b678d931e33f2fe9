//! What has no time and why, told once for all cases that have the same reason.

use super::super::model::RunReport;
use bench::record::{Failure, FailureKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Longer reasons end here: a compiler's message may be a page.
const LONGEST_REASON: usize = 2_000;

/// A line for each engine, kind and reason: the passes and the cases (as places; `null` for every case).
pub fn grouped(report: &RunReport) -> Value {
    let mut groups: BTreeMap<(usize, &str, &str), Group> = BTreeMap::new();
    for failure in report.failures.iter().filter(|failure| failure.entry.is_subject()) {
        let Some(engine) = report.engines.iter().position(|name| *name == failure.engine) else { continue };
        let Some(case) = place(report, failure) else { continue };
        let key = (engine, kind(failure.kind), failure.reason.as_str());
        let group = groups.entry(key).or_default();
        group.cases.insert(case);
        group.passes.insert(failure.pass.to_string());
        group.phases.extend(failure.phase.map(|phase| phase.to_string()));
    }
    let line = |((engine, kind, reason), group): (&(usize, &str, &str), &Group)| {
        let all = group.cases.len() == report.cases.len();
        json!({
            "engine": engine,
            "kind": kind,
            "passes": group.passes,
            "phases": group.phases,
            "cases": if all { Value::Null } else { json!(group.cases) },
            "reason": reason.chars().take(LONGEST_REASON).collect::<String>(),
        })
    };
    groups.iter().map(line).collect()
}

/// What the page calls a failure of `kind`.
fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Failed => "failed",
        FailureKind::NotSteady => "not steady",
        FailureKind::Unsupported | FailureKind::FailedLate | FailureKind::Machine => "not offered",
    }
}

#[derive(Default)]
struct Group {
    cases: BTreeSet<usize>,
    passes: BTreeSet<String>,
    phases: BTreeSet<String>,
}

fn place(report: &RunReport, failure: &Failure) -> Option<usize> {
    let same = |case: &bench::record::CaseFacts| {
        (&case.sample, &case.variant, &case.size) == (&failure.sample, &failure.variant, &failure.size)
    };
    report.cases.iter().position(same)
}
