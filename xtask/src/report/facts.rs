//! How a run was made and on what, as pairs of a name and a value.

use super::heading;
use super::model::RunReport;
use super::units;
use bench::record::RunPart;

/// What is known of the machine, or of each machine of a merged run.
pub fn machine(report: &RunReport) -> Vec<(&'static str, String)> {
    if report.run.is_merged() {
        return report.run.parts.iter().map(|part| ("machine", of_part(part))).collect();
    }
    let machine = &report.run.machine;
    let text = |fact: &Option<String>| fact.clone().unwrap_or_default();
    vec![
        ("processor", text(&machine.cpu)),
        ("processors used", machine.cpus.to_string()),
        ("memory", machine.memory_bytes.map(|bytes| units::bytes(bytes as f64)).unwrap_or_default()),
        ("system", text(&machine.system)),
        ("kernel", text(&machine.kernel)),
        ("governor", text(&machine.governor)),
        ("load before", text(&machine.load)),
    ]
}

fn of_part(part: &RunPart) -> String {
    let kernel = part.facts.kernel.as_deref().unwrap_or("unknown");
    format!(
        "{}: {}, kernel {kernel}; {} rounds in {}, begun {}",
        part.machine,
        heading::machine(&part.facts),
        part.rounds,
        part.folder,
        part.started_utc
    )
}

/// How the run was made.
pub fn run(report: &RunReport) -> Vec<(&'static str, String)> {
    let run = &report.run;
    let duration = run.duration_s.map_or_else(|| "not known".to_owned(), |s| format!("{s:.0} s"));
    let precision = run.precision.map(|precision| format!("±{:.1}%", 100.0 * precision));
    vec![
        ("started", run.started_utc.clone()),
        ("duration", duration),
        ("arguments", run.arguments.join(" ")),
        ("rounds", format!("{} of {} planned", report.rounds, run.rounds_planned)),
        ("disturbed rounds", format!("{}, {} repeated", run.disturbed_rounds, run.repeated_rounds)),
        ("asked precision", precision.unwrap_or_else(|| "none: no verdicts".to_owned())),
        ("seed", run.seed.to_string()),
        ("compiler of the samples", run.sample_compiler.clone()),
        ("program", run.program_sha256.clone().unwrap_or_default()),
    ]
}
