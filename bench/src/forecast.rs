//! How much this machine's speed wanders between runs, from the calibration kernel in this run and
//! in earlier ones: what an absolute time of the next run may differ by beside its own chance.

use crate::machine::Machine;
use crate::run_file::{RUN_FILE, Run};
use crate::stats::{Drift, median};
use crate::summary::Summary;
use std::fs;
use std::path::Path;

/// The fewest earlier runs that tell more of the drift than the rounds of one.
const FEWEST_RUNS: usize = 2;

/// The machine's level in a run: the median over rounds of the calibration kernel's time, in
/// nanoseconds. `None` where none was read.
pub fn level_ns(summary: &Summary) -> Option<f64> {
    median(&mut summary.machine().into_values().collect::<Vec<f64>>())
}

/// The drift that the next run's absolute times are predicted with: between runs where there are
/// earlier ones, with levels `earlier_ns`, else within this run. `None` below ten rounds.
pub fn drift(summary: &Summary, earlier_ns: &[f64]) -> Option<Drift> {
    let within = Drift::within_run(&summary.machine())?;
    if earlier_ns.len() < FEWEST_RUNS {
        return Some(within);
    }
    let levels: Vec<f64> = earlier_ns.iter().copied().chain(level_ns(summary)).collect();
    Drift::between_runs(&levels)
}

/// The levels of the runs in `results` that were made on `machine`, all but that in `except`, in
/// nanoseconds. Folders without a readable run are passed over.
pub fn earlier_ns(results: &Path, machine: &Machine, except: &Path) -> Vec<f64> {
    let Ok(folders) = fs::read_dir(results) else { return Vec::new() };
    let others = folders.filter_map(|entry| Some(entry.ok()?.path())).filter(|folder| folder != except);
    let read = |folder: std::path::PathBuf| {
        serde_json::from_slice::<Run>(&fs::read(folder.join(RUN_FILE)).ok()?).ok()
    };
    let same = |run: &Run| (&run.machine.cpu, run.machine.cpus) == (&machine.cpu, machine.cpus);
    others.filter_map(read).filter(same).filter_map(|run| run.calibration_ns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CALIBRATION;
    use crate::results::Reading;
    use protocol::{Pass, Phase};

    fn calibrated(levels: impl IntoIterator<Item = u64>) -> Summary {
        let reading = |(round, wall_ns)| Reading {
            round,
            process: 0,
            engine: CALIBRATION.to_owned(),
            sample: "s".to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass: Pass::Warm,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: None,
            calibration_ns: None,
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
    fn a_folder_without_runs_has_no_levels() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("broken")).unwrap();
        assert!(earlier_ns(folder.path(), &Machine::read(), folder.path()).is_empty());
    }
}
