//! A run that is made of runs of several machines: their files joined, with the machine of every case.

use anyhow::{Context, Result};
use bench::probe::counters::COUNTERS_FILE;
use bench::probe::memory::MEMORY_FILE;
use bench::record::{
    self, CaseFacts, EMPTY_CALLS_FILE, FAILURES_FILE, Failure, ROUNDS_FILE, Reading, Recorder, RoundState,
    Run, RunPart, SIZES_FILE, TimeUse, WARM_UP_FILE,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A run that becomes a part.
pub struct Part<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Its `run.json`.
    pub run: &'a Run,
}

/// Writes the files of all `parts` to `folder`, as those of one run. Only rounds that count are taken over, numbered
/// anew from 1 in each part, so that every part has the first round, the second and so on.
///
/// # Errors
/// When files cannot be read or written.
pub fn write(parts: &[Part<'_>], arguments: Vec<String>, folder: &Path) -> Result<()> {
    let mut recorder =
        Recorder::create(folder).with_context(|| format!("creating files in {}", folder.display()))?;
    let mut processes = 0;
    for (machine, part) in (1..).zip(parts) {
        let last = processes;
        let written = append(part, machine, &mut recorder, |process| {
            // The calibration kernel is read outside the workers.
            let number = if process == 0 { 0 } else { last + process };
            processes = processes.max(number);
            number
        });
        written.with_context(|| format!("taking over {}", part.folder.display()))?;
    }
    for file in [SIZES_FILE, MEMORY_FILE, COUNTERS_FILE, WARM_UP_FILE, EMPTY_CALLS_FILE] {
        let files: Vec<PathBuf> = parts.iter().map(|part| part.folder.join(file)).collect();
        let files: Vec<PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
        if !files.is_empty() {
            let joined = record::concatenate(&files, &folder.join(file));
            joined.with_context(|| format!("joining the files {file}"))?;
        }
    }
    run(parts, arguments).write(folder).with_context(|| format!("writing to {}", folder.display()))
}

fn append(
    part: &Part<'_>,
    machine: u32,
    recorder: &mut Recorder,
    mut process: impl FnMut(u32) -> u32,
) -> std::io::Result<()> {
    let mut readings = record::read_used(part.folder)?;
    let states: Vec<RoundState> = record::read_all(&part.folder.join(ROUNDS_FILE))?;
    let used: BTreeSet<u32> = match states.iter().any(|state| state.used) {
        true => states.iter().filter(|state| state.used).map(|state| state.round).collect(),
        false => readings.iter().map(|reading| reading.round).collect(),
    };
    // The survey is round 0. A round that does not count has the number that its repetition gets.
    let number =
        |round: u32| if round == 0 { 0 } else { 1 + u32::try_from(used.range(..round).count()).unwrap_or(0) };
    for reading in &mut readings {
        *reading =
            Reading { round: number(reading.round), process: process(reading.process), ..reading.clone() };
    }
    recorder.readings(&readings)?;
    for state in states.into_iter().filter(|state| state.used) {
        recorder.round(&RoundState { round: number(state.round), machine, ..state })?;
    }
    for failure in record::read_all::<Failure>(&part.folder.join(FAILURES_FILE))? {
        recorder.failure(&Failure { round: number(failure.round), ..failure })?;
    }
    Ok(())
}

/// The `run.json` of a run of all `parts`: what they have in common from the first, the rest from each.
fn run(parts: &[Part<'_>], arguments: Vec<String>) -> Run {
    let runs = || parts.iter().map(|part| part.run);
    let first = parts[0].run;
    let is_common = |value: fn(&Run) -> &Option<String>| runs().all(|run| value(run) == value(first));
    let sum = |value: fn(&Run) -> u32| runs().map(value).sum();
    let mut counters = first.counters.clone();
    if let Some(counters) = &mut counters {
        counters.duration_s = runs().filter_map(|run| Some(run.counters.as_ref()?.duration_s)).sum();
    }
    let mut merged = Run {
        arguments,
        started_utc: runs().map(|run| run.started_utc.clone()).min().unwrap_or_default(),
        program_sha256: first.program_sha256.clone().filter(|_| is_common(|run| &run.program_sha256)),
        kernel_sha256: first.kernel_sha256.clone().filter(|_| is_common(|run| &run.kernel_sha256)),
        duration_s: runs().map(|run| run.duration_s).sum(),
        memory_s: runs().map(|run| run.memory_s).sum(),
        counters,
        rounds_planned: runs().map(|run| run.rounds_planned).max().unwrap_or(0),
        rounds: runs().map(|run| run.rounds).max().unwrap_or(0),
        disturbed_rounds: sum(|run| run.disturbed_rounds),
        repeated_rounds: sum(|run| run.repeated_rounds),
        interrupted: runs().any(|run| run.interrupted),
        stolen_cpu_ns: runs().map(|run| run.stolen_cpu_ns).sum(),
        time_use: runs().map(|run| run.time_use).sum::<TimeUse>(),
        calibration_ns: None,
        earlier_calibration_ns: Vec::new(),
        cases: cases(parts),
        notes: notes(parts),
        modules: runs().flat_map(|run| run.modules.clone()).collect(),
        shard: None,
        parts: (1..).zip(parts).map(|(machine, part)| described(machine, part)).collect(),
        ..first.clone()
    };
    for skipped in runs().flat_map(|run| &run.skipped) {
        if !merged.skipped.contains(skipped) {
            merged.skipped.push(skipped.clone());
        }
    }
    merged
}

/// The cases of all parts, each with its machine, in the order in which they were shared out.
fn cases(parts: &[Part<'_>]) -> Vec<CaseFacts> {
    let of_part = |(machine, part): (u32, &Part<'_>)| {
        part.run.cases.iter().map(|case| CaseFacts { machine, ..case.clone() }).collect::<Vec<_>>()
    };
    let mut cases: Vec<CaseFacts> = (1..).zip(parts).flat_map(of_part).collect();
    if let Some(shard) = &parts[0].run.shard {
        let place = |case: &CaseFacts| shard.cases.iter().position(|one| one.subject("") == case.subject(""));
        cases.sort_by_key(|case| place(case).unwrap_or(usize::MAX));
    }
    cases
}

fn notes(parts: &[Part<'_>]) -> Vec<String> {
    let mut notes = vec![format!(
        "merged from {} runs, each on a machine of its own: ratios of engines are of one machine each, and times of \
         different cases are not to be compared",
        parts.len()
    )];
    for note in parts.iter().flat_map(|part| &part.run.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let missing = missing(parts);
    if !missing.is_empty() {
        notes.push(format!("shares that are missing: {}", missing.join("; ")));
    }
    notes
}

/// The shares that no part has, each with its cases, such as `2/4`.
pub fn missing(parts: &[Part<'_>]) -> Vec<String> {
    let Some(shard) = &parts[0].run.shard else { return Vec::new() };
    let has = |number: usize| {
        parts.iter().any(|part| part.run.shard.as_ref().is_some_and(|one| one.number == number))
    };
    (1..=shard.count)
        .filter(|number| !has(*number))
        .map(|number| format!("{number}/{}", shard.count))
        .collect()
}

fn described(machine: u32, part: &Part<'_>) -> RunPart {
    let absolute = std::path::absolute(part.folder).unwrap_or_else(|_| part.folder.to_owned());
    let run = part.run;
    RunPart {
        machine,
        folder: absolute.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        shard: run.shard.as_ref().map(|shard| format!("{}/{}", shard.number, shard.count)),
        arguments: run.arguments.clone(),
        started_utc: run.started_utc.clone(),
        duration_s: run.duration_s,
        seed: run.seed,
        rounds: run.rounds,
        disturbed_rounds: run.disturbed_rounds,
        repeated_rounds: run.repeated_rounds,
        calibration_ns: run.calibration_ns,
        program_sha256: run.program_sha256.clone(),
        facts: run.machine.clone(),
    }
}
