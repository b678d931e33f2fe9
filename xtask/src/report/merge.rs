//! Whether runs of several machines may be joined to one: what differs besides their machines and cases.

use super::compare::differences::{DifferenceName, changed, differences, listed};
use super::model::RunReport;
use bench::record::{EngineFacts, ModuleFacts, ShardFacts};

/// Native code for the machine's own processor: compiled anew on each, where modules are not handed on.
const OWN_NATIVE: &str = "native-host-";

/// Why `part` cannot be joined with `first`, one sentence each: everything else must be the same.
pub fn refusals(first: &RunReport, part: &RunReport) -> Vec<String> {
    let mut found = engines(first, part);
    let same = differences(first, part).into_iter();
    let same = same.filter(|one| !matches!(one.what, DifferenceName::Machine | DifferenceName::Modules));
    found.extend(same.map(|one| format!("{}: {}", one.what, one.how)));
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    found.extend(changed("builds: revision", &text(&first.run.revision), &text(&part.run.revision)));
    let compilers = (&first.run.sample_compiler, &part.run.sample_compiler);
    found.extend(changed("modules: compiler", compilers.0, compilers.1));
    if let (Some(first), Some(part)) = (&first.run.shard, &part.run.shard) {
        found.extend(changed("shards: shares of", &first.count, &part.count));
        if first.cases.iter().any(|case| !part.cases.contains(case)) || first.cases.len() != part.cases.len()
        {
            found.push("shards: they are shares of different cases".to_owned());
        }
        let modules = modules(first, part);
        found.extend((!modules.is_empty()).then(|| format!("modules: {}", listed(&modules))));
    }
    found.extend(both(first, part));
    found
}

/// A case that both have: its times are from one machine alone.
fn both(first: &RunReport, part: &RunReport) -> Option<String> {
    let case = part
        .cases
        .iter()
        .find(|case| first.cases.iter().any(|other| other.subject("") == case.subject("")))?;
    Some(format!("cases: both have {} ({}, {})", case.sample, case.variant, case.size))
}

/// Engines of one of the two alone, with the reason where one is known.
fn engines(first: &RunReport, part: &RunReport) -> Vec<String> {
    let without = |has: &RunReport, has_not: &RunReport, which: &str| {
        let is_in = |engine: &EngineFacts| has_not.run.engines.iter().any(|other| other.name == engine.name);
        let missing = has.run.engines.iter().filter(|engine| !is_in(engine)).map(|engine| {
            let skipped = has_not.run.skipped.iter().find(|skipped| skipped.name == engine.name);
            let reason = skipped.map(|skipped| format!(" ({})", skipped.reason)).unwrap_or_default();
            format!("engines: {} is not in the {which}{reason}", engine.name)
        });
        missing.collect::<Vec<_>>()
    };
    [without(first, part, "second"), without(part, first, "first")].concat()
}

/// Files of a sample and variant whose bytes differ.
fn modules(first: &ShardFacts, part: &ShardFacts) -> Vec<String> {
    let is_measured = |file: &ModuleFacts| {
        let of_case = |variant: &str| file.variant == variant || file.variant.starts_with("native-");
        let is_own = file.variant.starts_with(OWN_NATIVE);
        !is_own && first.cases.iter().any(|case| case.sample == file.sample && of_case(&case.variant))
    };
    let files = first.modules.iter().filter(|file| is_measured(file));
    let changed = files.filter_map(|file| {
        let same = |other: &&ModuleFacts| other.sample == file.sample && other.variant == file.variant;
        let other = part.modules.iter().find(same).filter(|other| other.sha256 != file.sha256)?;
        Some(format!("{} ({}) {} → {} bytes", file.sample, file.variant, file.bytes, other.bytes))
    });
    changed.collect()
}
