//! Untimed runs of a module on one engine: its result, whether a fresh instance has the same again, and
//! whether one instance bears as many calls as a batch of warm readings makes.

use super::fared::{Doing, Fared, Output, Printed, Said};
use crate::host::hash::sha256;
use bench::plan::{Case, Effort, EngineSpec};
use bench::process::{Client, WorkerError};
use protocol::{Entry, Outcome, Pass};
use std::path::{Path, PathBuf};

/// The trial of one engine.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The engine's name.
    pub engine: String,
    /// How it ended.
    pub fared: Fared,
    /// Whether a second run, in a fresh instance, ended the same; true where there was none.
    pub outcome_is_steady: bool,
    /// Whether a second run printed the same; true where there was none.
    pub output_is_steady: bool,
    /// The same of standard error.
    pub errors_are_steady: bool,
    /// Why one instance does not bear the calls of a batch; `None` where it does or was not asked.
    pub wears_out: Option<String>,
}

/// The folders that trials write to, and how long they may take.
pub struct Place<'a> {
    /// For what commands print; made when one does.
    pub stdout: &'a Path,
    /// For artifacts.
    pub artifacts: &'a Path,
    /// How long a reply may take, and how many calls a batch has.
    pub effort: &'a Effort,
}

/// How many times as many calls as a batch a trial makes: machines change their speed.
const MARGIN: u32 = 2;

/// Runs `case` on `engine` twice, in a fresh instance each; then, if it `repeats` and is an export, calls one
/// instance as often as a batch of warm readings does.
pub fn run(engine: &EngineSpec, case: &Case, place: &Place<'_>, repeats: bool) -> Trial {
    let mut trial = Trial {
        engine: engine.name.clone(),
        fared: Fared::Broke("no trial was made".to_owned()),
        outcome_is_steady: true,
        output_is_steady: true,
        errors_are_steady: true,
        wears_out: None,
    };
    let mut runner = match Runner::start(engine, case, place) {
        Ok(runner) => runner,
        Err(error) => return Trial { fared: Fared::of(&error, Doing::Compiling, case), ..trial },
    };
    let file = place.stdout.join(format!("{}.{}", case.sample, engine.name));
    let first = runner.run(Some(&file));
    if let Ok(Said::Ended(outcome, printed)) = &first {
        trial.hold_against(outcome, printed.as_ref(), runner.run(Some(&file.with_added_extension("again"))));
        if repeats && trial.outcome_is_steady && !runner.is_command {
            let repeated = runner.call_again((engine, case), outcome, place.effort);
            trial.wears_out = repeated.err().map(|error| error.to_string());
        }
    }
    trial.fared = first.map_or_else(|error| Fared::of(&error, Doing::Running, case), Fared::Said);
    trial
}

impl Trial {
    /// Notes in what a second run differs from the first, and removes what it printed. One that ended
    /// otherwise counts as another outcome.
    fn hold_against(
        &mut self,
        outcome: &Outcome,
        printed: Option<&Output>,
        again: Result<Said, WorkerError>,
    ) {
        let Ok(Said::Ended(outcome_again, printed_again)) = again else {
            self.outcome_is_steady = false;
            return;
        };
        self.outcome_is_steady = outcome.agrees_with(&outcome_again);
        if let (Some(one), Some(other)) = (printed, &printed_again) {
            self.output_is_steady = one.stdout.sha256 == other.stdout.sha256;
            self.errors_are_steady = one.stderr.sha256 == other.stderr.sha256;
            for printed in [&other.stdout, &other.stderr] {
                // They were there to be compared.
                let _ = std::fs::remove_file(&printed.file);
            }
        }
    }
}

/// A worker that has compiled the case.
struct Runner {
    client: Client,
    is_command: bool,
    artifact: Option<PathBuf>,
}

impl Runner {
    /// Where the engine has artifacts, it compiles here, so that what takes long afterwards is the
    /// guest.
    fn start(engine: &EngineSpec, case: &Case, place: &Place<'_>) -> Result<Runner, WorkerError> {
        let mut client = Client::start(engine, case, place.effort.limit)?;
        client.open(case, engine)?;
        let mut passes = Vec::new();
        if engine.lacks(Pass::Aot).is_none() {
            let stem = place.artifacts.join(format!("{}-{}", engine.name, case.sample));
            client.aot(1, &stem, &mut passes)?;
        }
        let artifact = passes.pop().and_then(|pass| pass.artifact).map(|artifact| artifact.path);
        Ok(Runner { client, is_command: matches!(case.entry, Entry::Command { .. }), artifact })
    }

    /// One run in a fresh instance; what it printed is kept in `file` and beside it.
    fn run(&mut self, file: Option<&Path>) -> Result<Said, WorkerError> {
        let mut passes = Vec::new();
        match &self.artifact {
            Some(artifact) => self.client.run(1, artifact, &mut passes)?,
            None => self.client.jit(1, &mut passes)?,
        }
        let outcome = passes
            .pop()
            .and_then(|pass| pass.outcome)
            .ok_or_else(|| WorkerError::InvalidReply("a pass without an outcome".into()))?;
        let output = match file.filter(|_| self.is_command) {
            Some(file) => Some(self.output(file)?),
            None => None,
        };
        Ok(Said::Ended(outcome, output))
    }

    fn output(&mut self, file: &Path) -> Result<Output, WorkerError> {
        file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(WorkerError::Start)?;
        let stderr = file.with_added_extension("stderr");
        self.client.printed(file, Some(&stderr))?;
        let printed = |file: &Path| {
            let bytes = std::fs::read(file).map_err(WorkerError::Start)?;
            Ok(Printed { file: file.to_owned(), bytes: bytes.len() as u64, sha256: sha256(&bytes) })
        };
        Ok(Output { stdout: printed(file)?, stderr: printed(&stderr)? })
    }

    /// Calls one instance as often as a batch of warm readings does, and more; each call must end in `outcome`.
    fn call_again(
        &mut self,
        (engine, case): (&EngineSpec, &Case),
        outcome: &Outcome,
        effort: &Effort,
    ) -> Result<(), WorkerError> {
        self.client.open_entry(case, engine, &(case.entry.clone(), outcome.clone()))?;
        self.client.hold(self.artifact.as_deref())?;
        let mut readings = Vec::new();
        // Its search for the number of calls, and then as many: a whole batch where calls are long.
        self.client.call(1, effort.reading, &mut readings)?;
        let Some(reading) = readings.pop() else { return Ok(()) };
        match most_readings(effort, reading.wall_ns) {
            1 if reading.calls == 1 => Ok(()),
            most => self.client.call_exactly(MARGIN * (most + SEARCH), reading.calls, &mut readings),
        }
    }
}

/// What the search for the number of calls makes, in readings.
const SEARCH: u32 = 2;

/// The most readings of one batch where one takes `unit_ns`.
fn most_readings(effort: &Effort, unit_ns: u64) -> u32 {
    effort.readings(unit_ns).div_ceil(effort.cycles.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_as_long_as_the_longest_batch() {
        let full = Effort::full();
        assert_eq!(most_readings(&full, 500_000), 6);
        assert_eq!(most_readings(&full, 4_000_000), 2);
        assert_eq!(most_readings(&full, 20_000_000), 1);
        assert_eq!(most_readings(&full, 1_000_000_000), 1);
        assert_eq!(most_readings(&Effort::quick(), 500_000), 3);
    }
}
