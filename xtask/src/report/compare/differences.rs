//! What differs between two runs besides their times. A change means something where all but one thing
//! is the same, so whatever differs has to be named as what is compared.

use super::super::model::RunReport;
use bench::machine::MachineFacts;
use bench::record::{CaseFacts, EngineFacts, ModuleFacts};
use clap::ValueEnum;
use serde::Serialize;
use std::fmt;

/// The most things of one kind that a message names.
const NAMED: usize = 3;

/// What may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceName {
    /// The processor, how many there are, or the kernel of the system
    Machine,
    /// The bytes of a module or of a native library
    Modules,
    /// The version or the compiler of an engine, and with it its build
    Versions,
    /// The build of an engine's worker
    Builds,
    /// Settings of an engine or of the run: flags, threads, --quick, --pin, --keep-disturbed
    Settings,
}

impl fmt::Display for DifferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// One kind of difference between two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunDifference {
    /// What differs.
    pub what: DifferenceName,
    /// How, in words.
    pub how: String,
}

/// Everything that differs between `base` and `new`, among what both have.
pub fn differences(base: &RunReport, new: &RunReport) -> Vec<RunDifference> {
    let found = [
        (DifferenceName::Machine, machine(base, new)),
        (DifferenceName::Modules, modules(base, new)),
        (DifferenceName::Versions, engines(base, new, version)),
        (DifferenceName::Builds, engines(base, new, build)),
        (DifferenceName::Settings, settings(base, new)),
    ];
    let difference = |(what, how): (DifferenceName, Vec<String>)| {
        (!how.is_empty()).then(|| RunDifference { what, how: listed(&how) })
    };
    found.into_iter().filter_map(difference).collect()
}

/// The first of `texts`, and how many there are beside.
pub fn listed(texts: &[String]) -> String {
    let shown = texts.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    match texts.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

/// `name: base → new`, where the two differ.
pub fn changed<T: PartialEq + fmt::Display>(name: &str, base: &T, new: &T) -> Option<String> {
    (base != new).then(|| format!("{name} {base} → {new}"))
}

/// What differs between the machines of each case that both runs have; those of the runs where they have none.
fn machine(base: &RunReport, new: &RunReport) -> Vec<String> {
    let same = |case: &&CaseFacts, other: &&CaseFacts| case.subject("") == other.subject("");
    let of_case = |case: &CaseFacts| {
        let other = new.cases.iter().find(|other| same(&case, other))?;
        Some((base.run.machine_of(case), new.run.machine_of(other)))
    };
    let mut pairs: Vec<_> = base.cases.iter().filter_map(of_case).collect();
    if pairs.is_empty() {
        pairs.push((&base.run.machine, &new.run.machine));
    }
    let mut found: Vec<String> = Vec::new();
    for difference in pairs.into_iter().flat_map(|(base, new)| machine_changes(base, new)) {
        if !found.contains(&difference) {
            found.push(difference);
        }
    }
    found
}

fn machine_changes(base: &MachineFacts, new: &MachineFacts) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let quota =
        |machine: &MachineFacts| machine.limits.quota_cpus.map_or("none".to_owned(), |cpus| cpus.to_string());
    let on = |flag: Option<bool>| flag.map_or("unknown", |on| if on { "on" } else { "off" });
    let found = [
        changed("processor", &text(&base.cpu), &text(&new.cpu)),
        changed("processors", &base.cpus, &new.cpus),
        changed("quota of processors", &quota(base), &quota(new)),
        changed("kernel", &text(&base.kernel), &text(&new.kernel)),
        changed("frequency governor", &text(&base.governor), &text(&new.governor)),
        changed("turbo", &on(base.limits.turbo), &on(new.limits.turbo)),
        changed("SMT", &on(base.limits.smt), &on(new.limits.smt)),
    ];
    found.into_iter().flatten().collect()
}

/// The files of the cases that both runs have. Native code for this machine's processor is compiled
/// anew on each, and its bytes say nothing of another.
fn modules(base: &RunReport, new: &RunReport) -> Vec<String> {
    let is_measured = |run: &RunReport, file: &ModuleFacts| {
        let of_case = |variant: &str| file.variant == variant || file.variant.starts_with("native-");
        run.cases.iter().any(|case| case.sample == file.sample && of_case(&case.variant))
    };
    let pairs = base.run.modules.iter().filter_map(|file| {
        let same = |other: &&ModuleFacts| other.sample == file.sample && other.variant == file.variant;
        let other = new.run.modules.iter().find(same)?;
        (is_measured(base, file) && is_measured(new, other)).then_some((file, other))
    });
    let changed = pairs.filter(|(file, other)| file.sha256 != other.sha256);
    changed
        .map(|(file, other)| {
            format!("{} ({}) {} → {} bytes", file.sample, file.variant, file.bytes, other.bytes)
        })
        .collect()
}

/// What differs in each engine that both runs have.
fn engines(
    base: &RunReport,
    new: &RunReport,
    difference: fn(&EngineFacts, &EngineFacts) -> Option<String>,
) -> Vec<String> {
    let pairs = base.run.engines.iter().filter_map(|engine| {
        let other = new.run.engines.iter().find(|other| other.name == engine.name)?;
        Some((engine, other))
    });
    pairs
        .filter_map(|(engine, other)| Some(format!("{}: {}", engine.name, difference(engine, other)?)))
        .collect()
}

fn version(base: &EngineFacts, new: &EngineFacts) -> Option<String> {
    let (base, new) = (&base.hello, &new.hello);
    changed("version", &base.version, &new.version)
        .or_else(|| changed("compiler", &base.compiler, &new.compiler))
}

/// Another version is another build, which goes without saying; so are runs that do not name their
/// builds.
fn build(base: &EngineFacts, new: &EngineFacts) -> Option<String> {
    let known = !base.builds.is_empty() && !new.builds.is_empty() && version(base, new).is_none();
    let text = |engine: &EngineFacts| engine.builds.join(" and ");
    known.then(|| changed("build", &text(base), &text(new))).flatten()
}

fn settings(base: &RunReport, new: &RunReport) -> Vec<String> {
    let mut found = engines(base, new, |base, new| {
        let (base, new) = (&base.hello, &new.hello);
        changed("flags", &base.flags, &new.flags).or_else(|| changed("threads", &base.threads, &new.threads))
    });
    let kind = |run: &RunReport| if run.run.precision.is_some() { "full" } else { "quick" };
    found.extend(changed("the run is", &kind(base), &kind(new)));
    for option in ["--pin", "--keep-disturbed"] {
        let value = |run: &RunReport| argument(&run.run.arguments, option);
        found.extend(changed(option, &value(base), &value(new)));
    }
    found
}

/// What a command line says of `option`: its value, `set` where it has none, or `not set`.
fn argument(arguments: &[String], option: &str) -> String {
    let mut own = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = own.next() {
        if argument == option {
            let value = own.next().filter(|value| !value.starts_with('-'));
            return value.cloned().unwrap_or_else(|| "set".to_owned());
        }
        if let Some(value) = argument.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            return value.to_owned();
        }
    }
    "not set".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;

    #[test]
    fn an_option_is_found_with_its_value_and_not_behind_the_end_of_options() {
        let arguments = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(argument(&arguments("bench --pin 1 --quick"), "--pin"), "1");
        assert_eq!(argument(&arguments("bench --pin=2"), "--pin"), "2");
        assert_eq!(argument(&arguments("bench --keep-disturbed"), "--keep-disturbed"), "set");
        assert_eq!(argument(&arguments("bench --invoke f -- --pin 3"), "--pin"), "not set");
    }

    #[test]
    fn a_machine_differs_by_its_processors_their_settings_and_the_kernel() {
        let run = || made_up::report(&["a"], &["s"], &[]);
        let (base, mut new) = (run(), run());
        assert_eq!(differences(&base, &new), []);
        new.run.machine.cpus = 4;
        new.run.machine.kernel = Some("6.12".to_owned());
        new.run.machine.memory_bytes = Some(1);
        new.run.machine.limits.turbo = Some(true);
        let found = differences(&base, &new);
        let how = "processors 2 → 4; kernel unknown → 6.12; turbo unknown → on".to_owned();
        assert_eq!(found, [RunDifference { what: DifferenceName::Machine, how }]);
    }
}
