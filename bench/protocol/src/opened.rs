//! An open module and everything that is timed on it. All engines are measured by these lines.

use crate::clock::cpu_time_ns;
use crate::message::{Ability, Failure, PassReading, WarmReading};
use crate::{Engine, Error, ErrorKind, Guest, Instance, Outcome, Phase};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

/// Names the phase in which an error happened.
pub(crate) fn fail<F: Into<Error>>(phase: impl Into<Option<Phase>>) -> impl FnOnce(F) -> Failure {
    let phase = phase.into();
    move |error| Failure { phase, error: error.into() }
}

/// An open module, what is expected of it, and what is held for warm readings.
pub(crate) struct Opened<E: Engine> {
    pub(crate) configuration: String,
    /// Whether the engine tells instances from modules.
    pub(crate) instantiation: Ability,
    pub(crate) bytes: Vec<u8>,
    pub(crate) guest: Guest,
    pub(crate) expected: Option<Outcome>,
    pub(crate) expected_stdout: Option<Vec<u8>>,
    pub(crate) fresh_instance: bool,
    pub(crate) held: Option<Held<E>>,
}

/// A module and an instance whose first call is over. Dropped in this order: the instance
/// before its module, the module before its engine.
pub(crate) struct Held<E: Engine> {
    instance: E::Instance,
    module: E::Module,
    engine: E,
}

impl<E: Engine> Opened<E> {
    /// a.
    pub(crate) fn parse_pass(&self) -> Result<PassReading, Failure> {
        let (mut engine, engine_ns) = self.create()?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        engine.parse(&self.bytes).map_err(fail(Phase::AParse))?;
        let parsed = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        let wall_ns = vec![(Phase::Engine, engine_ns), (Phase::AParse, ns(start, parsed))];
        Ok(PassReading { wall_ns, cpu_ns, outcome: None, artifact: None })
    }

    /// a+b, c, first d and their total.
    pub(crate) fn jit_pass(&self) -> Result<PassReading, Failure> {
        let engine = self.create()?;
        self.first_result(engine, Phase::AbCompile, Phase::Jit, |engine| engine.compile(&self.bytes))
    }

    /// a+b, b' and their total.
    pub(crate) fn aot_pass(&self, artifact: &Path) -> Result<PassReading, Failure> {
        let (mut engine, engine_ns) = self.create()?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let module = engine.compile(&self.bytes).map_err(fail(Phase::AbCompile))?;
        let compiled = Instant::now();
        engine.save(&module, artifact).map_err(fail(Phase::BSave))?;
        let saved = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        let bytes = std::fs::metadata(artifact).map_err(fail(Phase::BSave))?.len();
        Ok(PassReading {
            wall_ns: vec![
                (Phase::Engine, engine_ns),
                (Phase::AbCompile, ns(start, compiled)),
                (Phase::BSave, ns(compiled, saved)),
                (Phase::AotCompile, ns(start, saved)),
            ],
            cpu_ns,
            outcome: None,
            artifact: Some((artifact.to_owned(), bytes)),
        })
    }

    /// c', c, first d and their total.
    pub(crate) fn run_pass(&self, artifact: &Path) -> Result<PassReading, Failure> {
        let (mut engine, engine_ns) = self.create()?;
        engine.before_load(artifact).map_err(fail(None))?;
        let load = |engine: &mut E| engine.load(artifact);
        self.first_result((engine, engine_ns), Phase::CLoad, Phase::AotExecute, load)
    }

    /// From nothing to the first result: makes a module in phase `made`, instantiates and calls it.
    fn first_result(
        &self,
        (mut engine, engine_ns): (E, u64),
        made: Phase,
        total: Phase,
        make: impl FnOnce(&mut E) -> crate::Result<E::Module>,
    ) -> Result<PassReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let module = make(&mut engine).map_err(fail(made))?;
        let ready = Instant::now();
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        let instantiated = Instant::now();
        let outcome = instance.call().map_err(fail(Phase::DCallFirst))?;
        let called = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        self.check(&outcome, Phase::DCallFirst)?;
        let mut wall_ns = vec![(Phase::Engine, engine_ns)];
        match self.instantiation {
            Ability::Yes => {
                wall_ns.push((made, ns(start, ready)));
                wall_ns.push((Phase::CInstantiateFirst, ns(ready, instantiated)));
            }
            Ability::No(_) => wall_ns.push((made, ns(start, instantiated))),
        }
        wall_ns.push((Phase::DCallFirst, ns(instantiated, called)));
        wall_ns.push((total, ns(start, called)));
        Ok(PassReading { wall_ns, cpu_ns, outcome: Some(outcome), artifact: None })
    }

    /// Keeps a module and an instance whose first call is over.
    pub(crate) fn hold(&mut self, artifact: Option<&Path>) -> Result<(), Failure> {
        self.held = None;
        self.guest.stdio.rewind().map_err(fail(None))?;
        let (mut engine, _) = self.create()?;
        let module = match artifact {
            Some(artifact) => {
                engine.before_load(artifact).map_err(fail(None))?;
                engine.load(artifact).map_err(fail(Phase::CLoad))?
            }
            None => engine.compile(&self.bytes).map_err(fail(Phase::AbCompile))?,
        };
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        let outcome = instance.call().map_err(fail(Phase::DCallFirst))?;
        self.check(&outcome, Phase::DCallFirst)?;
        self.held = Some(Held { instance, module, engine });
        Ok(())
    }

    /// c, once more on the held module.
    pub(crate) fn instantiate_warm(&mut self) -> Result<WarmReading, Failure> {
        if let Ability::No(reason) = &self.instantiation {
            return Err(fail(Phase::CInstantiateWarm)(Error::unsupported(reason)));
        }
        self.guest.stdio.rewind().map_err(fail(None))?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let start = Instant::now();
        let instance =
            held.engine.instantiate(&held.module, &self.guest).map_err(fail(Phase::CInstantiateWarm))?;
        let end = Instant::now();
        drop(instance);
        Ok(WarmReading { phase: Phase::CInstantiateWarm, calls: 1, wall_ns: ns(start, end), cpu_ns: None })
    }

    /// Doubles the calls until one reading lasts `reading_ns`; this also warms the code up.
    pub(crate) fn calls_that_fill(&mut self, reading_ns: u64) -> Result<u64, Failure> {
        if self.fresh_instance {
            return Ok(1);
        }
        let mut calls = 1;
        while self.call_warm(calls)?.wall_ns < reading_ns {
            calls *= 2;
        }
        Ok(calls)
    }

    /// d, in the steady state.
    pub(crate) fn call_warm(&mut self, calls: u64) -> Result<WarmReading, Failure> {
        if self.fresh_instance { self.call_fresh() } else { self.call_held(calls) }
    }

    /// `calls` calls of the held instance between two clock readings, every result checked.
    fn call_held(&mut self, calls: u64) -> Result<WarmReading, Failure> {
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let (outcome, same) = repeat(&mut held.instance, calls).map_err(fail(Phase::DCallWarm))?;
        let end = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        self.check(&outcome, Phase::DCallWarm)?;
        if !same {
            let message =
                "the export's result changed between calls; its catalogue entry needs a fresh instance";
            return Err(fail(Phase::DCallWarm)(Error::new(ErrorKind::WrongResult, message)));
        }
        Ok(WarmReading { phase: Phase::DCallWarm, calls, wall_ns: ns(start, end), cpu_ns: Some(cpu_ns) })
    }

    /// One call on a fresh instance of the held module, instantiation untimed.
    fn call_fresh(&mut self) -> Result<WarmReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let mut instance =
            held.engine.instantiate(&held.module, &self.guest).map_err(fail(Phase::CInstantiateWarm))?;
        let start = Instant::now();
        let outcome = instance.call().map_err(fail(Phase::DCallWarm))?;
        let end = Instant::now();
        drop(instance);
        self.check(&outcome, Phase::DCallWarm)?;
        Ok(WarmReading { phase: Phase::DCallWarm, calls: 1, wall_ns: ns(start, end), cpu_ns: None })
    }

    /// A fresh engine and how long it took to make, in nanoseconds.
    fn create(&self) -> Result<(E, u64), Failure> {
        let start = Instant::now();
        let engine = E::create(&self.configuration).map_err(fail(Phase::Engine))?;
        Ok((engine, ns(start, Instant::now())))
    }

    /// Compares what a call ended in, and what it printed, with what was expected.
    fn check(&self, outcome: &Outcome, phase: Phase) -> Result<(), Failure> {
        let wrong = |message: String| Err(fail(phase)(Error::new(ErrorKind::WrongResult, message)));
        if let Some(expected) = &self.expected
            && outcome != expected
        {
            return wrong(format!("wrong result: expected {expected}, got {outcome}"));
        }
        if let Some(expected) = &self.expected_stdout {
            let printed = self.guest.stdio.stdout_bytes().map_err(fail(phase))?;
            if printed != *expected {
                let (want, got) = (expected.len(), printed.len());
                return wrong(format!("wrong output: {got} bytes differ from the expected {want}"));
            }
        }
        Ok(())
    }
}

fn ns(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

fn nothing_held() -> Failure {
    fail(None)(Error::internal("no instance is held"))
}

/// Calls `calls` times; gives the last outcome, and whether all were the same.
#[inline]
fn repeat<I: Instance>(instance: &mut I, calls: u64) -> crate::Result<(Outcome, bool)> {
    let first = black_box(instance.call()?);
    let mut same = true;
    for _ in 1..calls {
        same &= black_box(instance.call()?) == first;
    }
    Ok((first, same))
}
