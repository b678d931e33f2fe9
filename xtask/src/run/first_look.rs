//! The first look at an engine, as soon as its worker stands and while others are still built: a few
//! samples, one short round, results checked as in every run. What is built meanwhile stands still.

use super::folder;
use crate::engines::PreparedEngine;
use crate::host::descendants;
use crate::host::exclusion;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::analysis::Summary;
use bench::plan::{Case, Effort, EngineEntry, EngineSpec, Plan};
use bench::record::{self, ArtifactSize, CellId, Failure, Recorder};
use bench::schedule;
use protocol::{Pass, Phase};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long builds stand still at most.
const LIMIT: Duration = Duration::from_secs(10);

/// What was seen of an engine on a sample: times in nanoseconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The engine.
    pub engine: String,
    /// The sample.
    pub sample: String,
    /// a+b, where the engine compiles by itself, else a+b+b'.
    pub compile_ns: Option<f64>,
    /// c, the first of a module.
    pub instantiate_ns: Option<f64>,
    /// d, repeated.
    pub call_ns: Option<f64>,
    /// The artifact.
    pub artifact_bytes: Option<u64>,
    /// Why something is missing that should be there.
    pub failure: Option<String>,
}

/// Looks at those of `engines` that are ready, on `cases`; nothing where another run measures now.
///
/// # Errors
/// When the readings cannot be written.
pub fn look(engines: &[PreparedEngine], cases: &[Case], paths: &Paths) -> Result<Vec<Look>> {
    let engines: Vec<EngineSpec> = engines.iter().filter_map(PreparedEngine::ready).cloned().collect();
    if engines.is_empty() || cases.is_empty() {
        return Ok(Vec::new());
    }
    let Some(alone) = exclusion::measuring_now(paths)? else { return Ok(Vec::new()) };
    // Where the next run removes what one that was killed has left.
    let all = folder::artifacts_of_every_run(paths);
    std::fs::create_dir_all(&all).with_context(|| format!("making {}", all.display()))?;
    let folder = tempfile::Builder::new().prefix("first-look-").tempdir_in(&all);
    let folder = folder.with_context(|| format!("making a folder in {}", all.display()))?;
    let plan = Plan {
        engines,
        cases: cases.to_vec(),
        effort: effort(),
        seed: 0,
        artifacts: folder.path().join("artifacts"),
        kernel: None,
    };
    let mut recorder = Recorder::create(folder.path()).context("creating files")?;
    let builds = descendants::stop();
    within(LIMIT, |over| schedule::run(&plan, &mut recorder, over, |_| {})).context("the first look")?;
    drop(builds);
    drop(alone);
    let summary = Summary::of(&record::read_used(folder.path())?);
    let sizes: Vec<ArtifactSize> = record::read_all(&folder.path().join(record::SIZES_FILE))?;
    let failures: Vec<Failure> = record::read_all(&folder.path().join(record::FAILURES_FILE))?;
    let cells = plan.cases.iter().flat_map(|case| plan.engines.iter().map(move |engine| (case, engine)));
    Ok(cells.map(|(case, engine)| of_cell(engine, case, &summary, &sizes, &failures)).collect())
}

/// One round of few readings: of each pass the first in its process, which does not count, and the next.
fn effort() -> Effort {
    Effort {
        rounds: 1,
        max_rounds: 1,
        share: Duration::from_millis(5),
        max_readings: 3,
        cycles: 1,
        limit: LIMIT,
        repeat_disturbed: false,
        passes: vec![Pass::Jit, Pass::Aot, Pass::Run, Pass::WarmCall],
        ..Effort::quick()
    }
}

/// Runs `work`, whose flag becomes true after `limit`.
fn within<T>(limit: Duration, work: impl FnOnce(&AtomicBool) -> T) -> T {
    let over = AtomicBool::new(false);
    let (done, is_done) = channel::<()>();
    std::thread::scope(|scope| {
        let over = &over;
        scope.spawn(move || {
            if is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                over.store(true, Ordering::Relaxed);
            }
        });
        let answer = work(over);
        drop(done);
        answer
    })
}

fn of_cell(
    engine: &EngineSpec,
    case: &Case,
    summary: &Summary,
    sizes: &[ArtifactSize],
    failures: &[Failure],
) -> Look {
    let id = CellId {
        engine: engine.name.clone(),
        entry: EngineEntry::Subject,
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        size: case.size.clone(),
    };
    let first_of = |places: &[(Pass, Phase)]| {
        let cell = summary.cell(&id)?;
        let series = places.iter().find_map(|&(pass, phase)| cell.wall(pass, phase))?;
        Some(series.estimate()?.value)
    };
    let size = sizes.iter().find(|one| one.engine == engine.name && one.sample == case.sample);
    let failed = |one: &&Failure| one.cell() == id && one.kind == record::FailureKind::Failed;
    Look {
        engine: engine.name.clone(),
        sample: case.sample.clone(),
        compile_ns: first_of(&[
            (Pass::Jit, Phase::AbCompile),
            (Pass::Aot, Phase::AbCompile),
            (Pass::Aot, Phase::AotCompile),
        ]),
        instantiate_ns: first_of(&[
            (Pass::Jit, Phase::CInstantiateFirst),
            (Pass::Run, Phase::CInstantiateFirst),
        ]),
        call_ns: first_of(&[(Pass::WarmCall, Phase::DCallWarm)]),
        artifact_bytes: size.map(|size| size.artifact_bytes),
        failure: failures.iter().find(failed).map(|failure| failure.reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_by_itself_or_is_told_when_its_time_is_over() {
        assert!(!within(Duration::from_secs(60), |over| over.load(Ordering::Relaxed)));
        let told = within(Duration::from_millis(5), |over| {
            while !over.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            true
        });
        assert!(told);
    }
}
