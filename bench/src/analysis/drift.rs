//! How much this machine's speed varies between runs, from the calibration kernel in this run and
//! in earlier ones: what an absolute time of the next run may differ by beyond its own random error.

use super::summary::Summary;
use crate::record::{RUN_FILE, Run};
use crate::stats::{Drift, median};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The fewest earlier runs that tell more of the drift than the rounds of one.
const FEWEST_RUNS: usize = 2;

/// Runs that begin within this time of each other are not independent.
const ONE_STATE: Duration = Duration::from_secs(60);

/// The machine's level in a run: the median over rounds of the calibration kernel's time, in
/// nanoseconds. `None` where none was read.
pub fn level_ns(summary: &Summary) -> Option<f64> {
    median(&mut summary.machine().into_values().collect::<Vec<f64>>())
}

/// The drift that the next run's absolute times are predicted with: within this run or, where there are
/// earlier ones, with levels `earlier_ns`, between runs, whichever is greater. `None` below ten
/// rounds.
pub fn drift(summary: &Summary, earlier_ns: &[f64]) -> Option<Drift> {
    let within = Drift::within_run(&summary.machine())?;
    let levels: Vec<f64> = earlier_ns.iter().copied().chain(level_ns(summary)).collect();
    let between = Drift::between_runs(&levels).filter(|_| earlier_ns.len() >= FEWEST_RUNS);
    Some(between.filter(|between| between.variance > within.variance).unwrap_or(within))
}

/// The drift around each of two runs with the same kernel on the same machine: that of the run itself or
/// what their own two levels show, whichever is greater.
pub fn between(levels_ns: (f64, f64), drifts: (Drift, Drift)) -> (Drift, Drift) {
    let Some(seen) = Drift::between_runs(&[levels_ns.0, levels_ns.1]) else { return drifts };
    let greater = |own: Drift| if seen.variance > own.variance { seen } else { own };
    (greater(drifts.0), greater(drifts.1))
}

/// The levels of the runs beside that in `folder` that began before it, in nanoseconds. Runs beside other
/// work do not count: their level is not the machine's. Only runs with the same kernel on the same machine do. Runs that began within a minute of each other saw the machine
/// in one state and have one level. Folders without a readable run are skipped.
pub fn earlier_ns(folder: &Path) -> Vec<f64> {
    let read = |folder: &Path| serde_json::from_slice::<Run>(&fs::read(folder.join(RUN_FILE)).ok()?).ok();
    let made_by = |run: &Run| {
        let kernel = run.kernel_sha256.clone()?;
        Some((kernel, run.machine.cpu.clone(), run.machine.cpus))
    };
    let start = |run: &Run| humantime::parse_rfc3339(&run.started_utc).ok();
    let Some(own) = read(folder) else { return Vec::new() };
    let Some((kernel, began)) = made_by(&own).zip(start(&own)) else { return Vec::new() };
    let Some(Ok(folders)) = folder.parent().map(fs::read_dir) else { return Vec::new() };
    let others = folders.filter_map(|entry| Some(entry.ok()?.path())).filter(|other| other != folder);
    let mut runs: Vec<(SystemTime, f64)> = others
        .filter_map(|other| read(&other))
        .filter(|run| made_by(run).as_ref() == Some(&kernel) && !was_disturbed(run))
        .filter_map(|run| Some((start(&run)?, run.calibration_ns?)))
        .filter(|run| run.0 < began)
        .collect();
    runs.sort_by_key(|run| run.0);
    one_a_state(&runs)
}

/// Whether the machine did other work during more than a tenth of a run's rounds.
fn was_disturbed(run: &Run) -> bool {
    10 * run.disturbed_rounds > run.rounds + run.repeated_rounds
}

/// One level, the median, for each stretch of runs that followed each other closely.
fn one_a_state(runs: &[(SystemTime, f64)]) -> Vec<f64> {
    let close = |one: &(SystemTime, f64), next: &(SystemTime, f64)| {
        next.0.duration_since(one.0).unwrap_or_default() <= ONE_STATE
    };
    let level =
        |stretch: &[(SystemTime, f64)]| median(&mut stretch.iter().map(|run| run.1).collect::<Vec<_>>());
    runs.chunk_by(close).filter_map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{CALIBRATION, MachineFacts};
    use crate::record::{EngineEntry, FORMAT, Reading, TimeUse};
    use protocol::{Pass, Phase};
    use std::path::PathBuf;

    fn calibrated(levels: impl IntoIterator<Item = u64>) -> Summary {
        let reading = |(round, wall_ns)| Reading {
            round,
            process: 0,
            engine: CALIBRATION.to_owned(),
            entry: EngineEntry::Subject,
            sample: "s".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: None,
        };
        Summary::of(&(1..).zip(levels).map(reading).collect::<Vec<_>>())
    }

    #[test]
    fn earlier_runs_tell_more_than_the_rounds_of_one() {
        let calm = calibrated([1_000_000; 12]);
        assert_eq!(level_ns(&calm), Some(1e6));
        assert_eq!(drift(&calm, &[]).unwrap().variance, 0.0);
        let seen = drift(&calm, &[1.1e6, 0.9e6]).unwrap();
        assert!(seen.variance > 0.005 && (seen.df - 2.0).abs() < 1e-12, "{seen:?}");
        assert_eq!(drift(&calibrated([1_000_000; 3]), &[1.1e6, 0.9e6]), None);
    }

    #[test]
    fn two_runs_at_other_levels_show_more_drift_than_either_alone() {
        let own = Drift { variance: 1e-6, df: 9.0 };
        assert_eq!(between((1e6, 1e6), (own, own)), (own, own));
        let (base, new) = between((1e6, 1.1e6), (own, Drift { variance: 0.1, df: 3.0 }));
        assert!((base.variance - 1.1f64.ln().powi(2) / 2.0).abs() < 1e-12);
        assert_eq!(new, Drift { variance: 0.1, df: 3.0 });
    }

    #[test]
    fn runs_in_quick_succession_are_one_look_at_the_machine() {
        let at = |s: u64, level: f64| (SystemTime::UNIX_EPOCH + Duration::from_secs(s), level);
        let runs = [at(0, 1.0), at(15, 3.0), at(70, 2.0), at(220, 5.0), at(400, 6.0)];
        assert_eq!(one_a_state(&runs), [2.0, 5.0, 6.0]);
    }

    #[test]
    fn more_drift_within_a_run_than_between_runs_is_what_counts() {
        let wave = calibrated((0..40_u32).map(|round| 1_000_000 + 2_000 * u64::from(round)));
        let level = level_ns(&wave).unwrap();
        let within = drift(&wave, &[]).unwrap();
        assert_eq!(drift(&wave, &[level, level]), Some(within));
        assert!(within.variance > 0.0);
    }

    /// A run's folder in `results`, with what its level is compared by.
    fn run_in(results: &Path, program: Option<&str>, started_utc: &str, level_ns: f64) -> PathBuf {
        let folder = results.join(started_utc);
        fs::create_dir(&folder).unwrap();
        let run = Run {
            format: FORMAT,
            arguments: Vec::new(),
            started_utc: started_utc.to_owned(),
            program_sha256: None,
            kernel_sha256: program.map(str::to_owned),
            revision: None,
            worker_environment: Vec::new(),
            duration_s: None,
            memory_s: None,
            counters: None,
            seed: 1,
            rounds_planned: 10,
            precision: None,
            rounds: 10,
            disturbed_rounds: 0,
            repeated_rounds: 0,
            interrupted: false,
            stolen_cpu_ns: 0,
            time_use: TimeUse::default(),
            calibration_ns: Some(level_ns),
            earlier_calibration_ns: Vec::new(),
            machine: MachineFacts::read(),
            sample_compiler: String::new(),
            engines: Vec::new(),
            entries: Vec::new(),
            cases: Vec::new(),
            skipped: Vec::new(),
            notes: Vec::new(),
            modules: Vec::new(),
            shard: None,
            parts: Vec::new(),
        };
        run.write(&folder).unwrap();
        folder
    }

    #[test]
    fn only_runs_of_the_same_program_tell_of_the_machine() {
        let results = tempfile::tempdir().unwrap();
        let run = |program, started_utc, level_ns| run_in(results.path(), program, started_utc, level_ns);
        run(Some("a"), "2026-01-01T10:00:00Z", 2.0);
        run(Some("b"), "2026-01-01T11:00:00Z", 3.0);
        let own = run(Some("a"), "2026-01-01T12:00:00Z", 1.0);
        let nameless = run(None, "2026-01-01T13:00:00Z", 4.0);
        assert_eq!(earlier_ns(&own), [2.0]);
        assert!(earlier_ns(&nameless).is_empty());
    }

    #[test]
    fn a_run_beside_other_work_feeds_no_drift() {
        let results = tempfile::tempdir().unwrap();
        let quiet = run_in(results.path(), Some("a"), "2026-01-01T10:00:00Z", 2.0);
        let own = run_in(results.path(), Some("a"), "2026-01-01T12:00:00Z", 1.0);
        assert_eq!(earlier_ns(&own), [2.0]);
        let mut run: Run = serde_json::from_slice(&fs::read(quiet.join(RUN_FILE)).unwrap()).unwrap();
        (run.disturbed_rounds, run.repeated_rounds) = (2, 1);
        run.write(&quiet).unwrap();
        assert!(earlier_ns(&own).is_empty());
    }

    #[test]
    fn runs_that_began_later_are_no_earlier_runs() {
        let results = tempfile::tempdir().unwrap();
        let run = |started_utc, level_ns| run_in(results.path(), Some("a"), started_utc, level_ns);
        let first = run("2026-01-01T10:00:00Z", 1.0);
        let second = run("2026-01-01T11:00:00Z", 2.0);
        let third = run("2026-01-01T12:00:00Z", 3.0);
        assert!(earlier_ns(&first).is_empty());
        assert_eq!(earlier_ns(&second), [1.0]);
        assert_eq!(earlier_ns(&third), [1.0, 2.0]);
    }

    #[test]
    fn a_folder_without_runs_has_no_levels() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("broken")).unwrap();
        assert!(earlier_ns(&folder.path().join("broken")).is_empty());
    }
}
