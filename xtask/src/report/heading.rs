//! What every heading says: what was measured, and on which machine.

use super::model::RunReport;
use bench::machine::MachineFacts;
use bench::plan::OWN;
use bench::record::{CaseFacts, Run};
use std::collections::BTreeSet;

/// The heading of a table: its title, variants, size and machine.
pub fn of_table(report: &RunReport, title: &str) -> String {
    format!("{title} ({}; {})", variants_and_sizes(report), machines(&report.run))
}

/// The variants and sizes of a run, such as `stripped, small`.
pub fn variants_and_sizes(report: &RunReport) -> String {
    words(report.cases.iter())
}

/// The variants, then the sizes of some cases, each once.
fn words<'a>(cases: impl Iterator<Item = &'a CaseFacts> + Clone) -> String {
    let mut words: Vec<&str> = Vec::new();
    let variants = cases.clone().map(|case| case.variant.as_str());
    for word in variants.chain(cases.map(|case| case.size.as_str())) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// What a summary is made from, such as `11 samples, stripped, small`: only one variant counts there, that of
/// the first case.
pub fn subject(report: &RunReport) -> String {
    let samples: BTreeSet<&str> = report.cases.iter().map(|case| case.sample.as_str()).collect();
    let count = samples.len();
    let plural = if count == 1 { "" } else { "s" };
    if report.cases.iter().any(|case| case.variant == OWN) {
        return format!("{count} module{plural} of your own");
    }
    let counts = |case: &&CaseFacts| case.variant == report.cases[0].variant;
    format!("{count} sample{plural}, {}", words(report.cases.iter().filter(counts)))
}

/// The machine of a run, or the machines of a merged one, such as `4 machines: AMD EPYC 7763 64-Core, 2 CPUs`.
pub fn machines(run: &Run) -> String {
    if run.parts.is_empty() {
        return machine(&run.machine);
    }
    let mut kinds: Vec<String> = run.parts.iter().map(|part| machine(&part.facts)).collect();
    kinds.sort();
    kinds.dedup();
    format!("{} machines: {}", run.parts.len(), kinds.join("; "))
}

/// The machine, such as `AMD EPYC 7763 64-Core, 2 CPUs`.
pub fn machine(machine: &MachineFacts) -> String {
    let name = machine.cpu.as_deref().unwrap_or("unknown processor");
    let name = name.split('@').next().unwrap_or(name);
    let noise =
        ["(R)", "(TM)", "(r)", "(tm)"].iter().fold(name.to_owned(), |name, mark| name.replace(mark, ""));
    let words: Vec<&str> =
        noise.split_whitespace().filter(|word| !["CPU", "Processor"].contains(word)).collect();
    let plural = if machine.cpus == 1 { "" } else { "s" };
    format!("{}, {} CPU{plural}", words.join(" "), machine.cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processors_name_is_shown_without_what_says_nothing() {
        let of =
            |cpu: &str, cpus| machine(&MachineFacts { cpu: Some(cpu.into()), cpus, ..MachineFacts::read() });
        assert_eq!(of("AMD EPYC 7763 64-Core Processor", 2), "AMD EPYC 7763 64-Core, 2 CPUs");
        assert_eq!(
            of("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 1),
            "Intel Xeon Platinum 8370C, 1 CPU"
        );
    }
}
