//! One untimed run of a module on one engine: its result, and whether a second run has the same.

use super::vote::{Doing, Fared, Printed, Said};
use crate::host::hash::sha256;
use bench::plan::{Case, Effort, EngineSpec};
use bench::process::{Client, WorkerError};
use protocol::{Entry, Pass};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The trial of one engine.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The engine's name.
    pub engine: String,
    /// How it ended.
    pub fared: Fared,
    /// Whether a second run ended the same; true where there was none.
    pub outcome_is_steady: bool,
    /// Whether a second run printed the same; true where there was none.
    pub output_is_steady: bool,
    /// Whether a second call of an instance has the same result.
    pub is_repeatable: bool,
}

/// The folders that trials write to, and how long they may take.
pub struct Place<'a> {
    /// For what commands print; made when one does.
    pub stdout: &'a Path,
    /// For artifacts.
    pub artifacts: &'a Path,
    /// How long a reply may take, and how long a warm reading is.
    pub effort: &'a Effort,
}

/// Runs `case` on `engine`: a command twice, to see whether it prints the same; an export as often as a
/// warm reading needs, to see whether it can be called again.
pub fn run(engine: &EngineSpec, case: &Case, place: &Place<'_>) -> Trial {
    let mut trial = Trial {
        engine: engine.name.clone(),
        fared: Fared::Broke("no trial was made".to_owned()),
        outcome_is_steady: true,
        output_is_steady: true,
        is_repeatable: true,
    };
    let mut runner = match Runner::start(engine, case, place) {
        Ok(runner) => runner,
        Err(error) => return Trial { fared: Fared::of(&error, Doing::Compiling, case), ..trial },
    };
    let file = place.stdout.join(format!("{}.{}", case.sample, engine.name));
    let first = runner.run(Some(&file));
    match (&first, &case.entry) {
        (Ok(Said::Ended(outcome, printed)), Entry::Command { .. }) => {
            let file_again = file.with_added_extension("again");
            let again = runner.run(Some(&file_again));
            // It is there to be compared; a run that ended otherwise has left none.
            let _ = std::fs::remove_file(file_again);
            if let Ok(Said::Ended(outcome_again, printed_again)) = again {
                let content = |printed: &Option<Printed>| printed.as_ref().map(|one| one.sha256.clone());
                trial.outcome_is_steady = *outcome == outcome_again;
                trial.output_is_steady = content(printed) == content(&printed_again);
            }
        }
        (Ok(Said::Ended(..)), Entry::Export { .. }) => {
            trial.is_repeatable = runner.call_again(place.effort.reading).is_ok();
        }
        _ => {}
    }
    trial.fared = first.map_or_else(|error| Fared::of(&error, Doing::Running, case), Fared::Said);
    trial
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

    /// One run in a fresh instance; what it printed is kept in `file`.
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
        let printed = match file.filter(|_| self.is_command) {
            Some(file) => Some(self.printed(file)?),
            None => None,
        };
        Ok(Said::Ended(outcome, printed))
    }

    fn printed(&mut self, file: &Path) -> Result<Printed, WorkerError> {
        file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(WorkerError::Start)?;
        self.client.printed(file, None)?;
        let bytes = std::fs::read(file).map_err(WorkerError::Start)?;
        Ok(Printed { file: file.to_owned(), bytes: bytes.len() as u64, sha256: sha256(&bytes) })
    }

    /// Calls one instance repeatedly, as a warm reading does.
    fn call_again(&mut self, reading: Duration) -> Result<(), WorkerError> {
        self.client.hold(self.artifact.as_deref())?;
        self.client.call(1, reading, &mut Vec::new())
    }
}
