//! An open module and everything that is timed on it. All Rust workers measure with this code.

mod warm;

use crate::artifact::written;
use crate::expectation::Expectation;
use crate::failure::fail;
use crate::probes::Probing;
use crate::stopwatch::{Observer, Stopwatch, ns, time};
use crate::unseen::UnseenBytes;
use crate::{Engine, Guest, Instance, marks};
use protocol::message::{Artifact, PassReading, RequestFailed, Stretch};
use protocol::{Ability, Error, MarksUse, Outcome, Pass, Phase, Probe, SetupCall};
use std::cell::{Cell, Ref};
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

/// An open module, what is expected of it, and what is held for warm readings.
pub(crate) struct Session<E: Engine> {
    pub(crate) configuration: Rc<E::Configuration>,
    /// Whether instantiation is a phase of its own.
    pub(crate) instantiation: Ability,
    pub(crate) bytes: UnseenBytes,
    /// Whether an artifact of the plain module has been saved, whose size is the one that is stated.
    pub(crate) plain_saved: Cell<bool>,
    pub(crate) guest: Guest,
    pub(crate) expected: Expectation,
    pub(crate) setup: Vec<SetupCall>,
    pub(crate) fresh_instance: bool,
    pub(crate) marks: MarksUse,
    pub(crate) held: Option<Held<E>>,
}

/// A module and an instance whose first call is over. The fields are dropped in this order: the instance
/// before its module, the module before its engine.
pub(crate) struct Held<E: Engine> {
    instance: E::Instance,
    module: E::Module,
    engine: E,
}

/// What a first result starts from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The open module's bytes.
    Wasm,
    /// An artifact.
    Artifact(&'a Path),
}

/// The results of a pass, apart from what its observer read.
#[derive(Default)]
pub(crate) struct Passed {
    outcome: Option<Outcome>,
    artifact: Option<Artifact>,
    /// The stretch of the call that the module marks, in nanoseconds, if that is d.
    marked_ns: Option<u64>,
    /// b' after the pass, in nanoseconds, where it was asked for.
    save_ns: Option<u64>,
    drop_ns: u64,
}

impl<E: Engine> Session<E> {
    /// One timed pass.
    pub(crate) fn timed(
        &self,
        total: Option<Phase>,
        pass: impl FnOnce(&Self, &mut Stopwatch) -> Result<Passed, RequestFailed>,
    ) -> Result<PassReading, RequestFailed> {
        let mut watch = Stopwatch::new();
        let Passed { outcome, artifact, marked_ns, save_ns, drop_ns } = pass(self, &mut watch)?;
        let cpu_ns = watch.cpu_ns;
        let mut wall_ns = watch.wall_ns(total);
        let call = wall_ns.iter_mut().find(|(phase, _)| *phase == Phase::DCallFirst);
        if let (Some((_, call_ns)), Some(marked_ns)) = (call, marked_ns) {
            *call_ns = marked_ns;
        }
        wall_ns.extend(save_ns.map(|save_ns| (Phase::BSave, save_ns)));
        Ok(PassReading { cpu_ns, wall_ns, drop_ns, outcome, artifact })
    }

    /// One pass with a probe; `artifact` is what an AOT pass writes and the others load.
    pub(crate) fn probed(
        &mut self,
        probe: Probe,
        pass: Pass,
        artifact: Option<&Path>,
    ) -> Result<Vec<Stretch>, RequestFailed> {
        let mut probe = Probing::new(probe).map_err(fail(None))?;
        let needed = || artifact.ok_or_else(|| fail(None)(Error::internal("this pass needs an artifact")));
        match pass {
            Pass::Parse => self.parse(&mut probe).map(drop)?,
            Pass::Jit | Pass::ColdJit => self.first_result(&mut probe, Source::Wasm, None).map(drop)?,
            Pass::Aot => {
                let saved = self.save(&mut probe, needed()?);
                // A failed save may have left nothing to remove.
                let _ = std::fs::remove_file(needed()?);
                saved.map(drop)?;
            }
            Pass::Run | Pass::ColdRun => {
                self.first_result(&mut probe, Source::Artifact(needed()?), None).map(drop)?;
            }
            Pass::Load => self.load(&mut probe, needed()?).map(drop)?,
            Pass::WarmInstantiate | Pass::WarmCall => self.warm(&mut probe, artifact)?,
        }
        probe.stretches().map_err(fail(None))
    }

    /// The parse pass: a.
    pub(crate) fn parse(&self, observer: &mut impl Observer) -> Result<Passed, RequestFailed> {
        let mut engine = self.create(observer)?;
        let bytes = self.bytes.unseen();
        observer.begin();
        engine.parse(&bytes).map_err(fail(Phase::AParse))?;
        observer.end(Phase::AParse);
        observer.stop();
        let drop_ns = time(|| drop(engine));
        Ok(Passed { drop_ns, ..Passed::default() })
    }

    /// The AOT pass: a+b, b'.
    pub(crate) fn save(
        &self,
        observer: &mut impl Observer,
        artifact: &Path,
    ) -> Result<Passed, RequestFailed> {
        let mut engine = self.create(observer)?;
        let bytes = self.bytes_to_save();
        observer.begin();
        let module = engine.compile(&bytes).map_err(fail(Phase::AbCompile))?;
        observer.end(Phase::AbCompile);
        engine.save(&module, artifact).map_err(fail(Phase::BSave))?;
        observer.end(Phase::BSave);
        observer.stop();
        let artifact = written(artifact).map_err(fail(Phase::BSave))?;
        let drop_ns = time(|| {
            drop(module);
            drop(engine);
        });
        Ok(Passed { artifact: Some(artifact), drop_ns, ..Passed::default() })
    }

    /// The bytes of a pass that saves: the plain ones the first time, whose reading does not count, since it is
    /// the first of its kind in the process.
    fn bytes_to_save(&self) -> Ref<'_, [u8]> {
        if self.plain_saved.replace(true) { self.bytes.unseen() } else { self.bytes.plain() }
    }

    /// The load pass: c'.
    pub(crate) fn load(
        &self,
        observer: &mut impl Observer,
        artifact: &Path,
    ) -> Result<Passed, RequestFailed> {
        let mut engine = self.create(observer)?;
        engine.before_load(artifact).map_err(fail(None))?;
        observer.begin();
        let module = engine.load(artifact).map_err(fail(Phase::CLoad))?;
        observer.end(Phase::CLoad);
        observer.stop();
        let drop_ns = time(|| {
            drop(module);
            drop(engine);
        });
        Ok(Passed { drop_ns, ..Passed::default() })
    }

    /// The JIT or the run pass: a+b or c', then c and the first d. With `save`, the module is then saved
    /// there, which the observer does not see.
    pub(crate) fn first_result(
        &self,
        observer: &mut impl Observer,
        source: Source<'_>,
        save: Option<&Path>,
    ) -> Result<Passed, RequestFailed> {
        let has_instances = self.instantiation == Ability::Yes;
        let made = match source {
            Source::Wasm => Phase::AbCompile,
            Source::Artifact(_) => Phase::CLoad,
        };
        let mut engine = self.create(observer)?;
        if let Source::Artifact(artifact) = source {
            engine.before_load(artifact).map_err(fail(None))?;
        }
        self.ready_guest()?;
        let bytes = if save.is_some() { self.bytes_to_save() } else { self.bytes.unseen() };
        observer.begin();
        let module = match source {
            Source::Wasm => engine.compile(&bytes),
            Source::Artifact(artifact) => engine.load(artifact),
        };
        let module = module.map_err(fail(made))?;
        if has_instances {
            observer.end(made);
        }
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        observer.end(if has_instances { Phase::CInstantiateFirst } else { made });
        self.set_up(&mut instance, observer)?;
        let outcome = instance.call();
        observer.end(Phase::DCallFirst);
        observer.stop();
        let outcome = self.checked(outcome, Phase::DCallFirst)?;
        let marked_ns = self.marked_ns(1, Phase::DCallFirst)?;
        let mut artifact = None;
        let mut save_ns = None;
        if let Some(path) = save {
            let start = Instant::now();
            engine.save(&module, path).map_err(fail(Phase::BSave))?;
            save_ns = Some(ns(start, Instant::now()));
            artifact = Some(written(path).map_err(fail(Phase::BSave))?);
        }
        let drop_ns = time(|| {
            drop(instance);
            drop(module);
            drop(engine);
        });
        Ok(Passed { outcome: Some(outcome), artifact, marked_ns, save_ns, drop_ns })
    }

    /// Between c and d, and in neither: readies a fresh instance for its call.
    fn set_up(&self, instance: &mut E::Instance, observer: &mut impl Observer) -> Result<(), RequestFailed> {
        if !self.setup.is_empty() || self.marks != MarksUse::Ignored {
            observer.pause();
            set_up(&self.setup, self.marks, instance).map_err(fail(Phase::CInstantiateFirst))?;
            observer.resume();
        }
        Ok(())
    }

    /// Creates a fresh engine, as a stretch of its own.
    fn create(&self, observer: &mut impl Observer) -> Result<E, RequestFailed> {
        observer.begin();
        let engine = E::create(&self.configuration).map_err(fail(Phase::Engine))?;
        observer.end(Phase::Engine);
        Ok(engine)
    }

    /// Rewinds the input, empties the outputs and forgets all marks.
    fn ready_guest(&self) -> Result<(), RequestFailed> {
        marks::clear();
        self.guest.stdio.rewind().map_err(fail(None))
    }

    /// The time between the module's marks in `calls` calls, if that is d.
    fn marked_ns(&self, calls: u64, phase: Phase) -> Result<Option<u64>, RequestFailed> {
        marks::taken_ns(self.marks, calls).map_err(fail(phase))
    }

    /// The outcome of a call, if it is the expected one.
    fn checked(&self, outcome: protocol::Result<Outcome>, phase: Phase) -> Result<Outcome, RequestFailed> {
        self.expected.checked(outcome, &self.guest.stdio).map_err(fail(phase))
    }
}

/// Makes the calls that ready a fresh instance, and forgets what they marked.
fn set_up(setup: &[SetupCall], marks: MarksUse, instance: &mut impl Instance) -> protocol::Result<()> {
    marks::none_before_the_call(marks)?;
    instance.set_up(setup)?;
    marks::clear();
    Ok(())
}
