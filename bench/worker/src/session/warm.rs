//! Warm readings: c and d on a held module, whose first call is over.

use super::{Held, Session, set_up};
use crate::cpu_time::cpu_time_ns;
use crate::failure::fail;
use crate::stopwatch::{Observer, ns, time};
use crate::{Engine, Instance, marks};
use protocol::message::{RequestFailed, WarmReading};
use protocol::{Ability, Error, ErrorKind, MarksUse, Phase};
use std::path::Path;
use std::time::Instant;

/// If d is only a part of the call, the search for the number of calls ends after this many times the
/// length of a reading.
const FILLING: u64 = 64;

impl<E: Engine> Session<E> {
    /// c and d on a held module, once each.
    pub(super) fn warm(
        &mut self,
        observer: &mut impl Observer,
        artifact: Option<&Path>,
    ) -> Result<(), RequestFailed> {
        self.hold(artifact)?;
        self.ready_guest()?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let mut fresh = None;
        if self.instantiation == Ability::Yes {
            observer.begin();
            let instance = held.engine.instantiate(&held.module, &self.guest);
            observer.end(Phase::CInstantiateWarm);
            let instance = fresh.insert(instance.map_err(fail(Phase::CInstantiateWarm))?);
            set_up(&self.setup, self.marks, instance).map_err(fail(Phase::CInstantiateWarm))?;
        }
        let instance = fresh.as_mut().filter(|_| self.fresh_instance).unwrap_or(&mut held.instance);
        observer.begin();
        let outcome = instance.call();
        observer.end(Phase::DCallWarm);
        observer.stop();
        drop(fresh);
        self.checked(outcome, Phase::DCallWarm).map(drop)
    }

    /// Keeps a module and an instance whose first call is over.
    pub(crate) fn hold(&mut self, artifact: Option<&Path>) -> Result<(), RequestFailed> {
        self.held = None;
        self.ready_guest()?;
        let mut engine = E::create(&self.configuration).map_err(fail(Phase::Engine))?;
        let module = match artifact {
            Some(artifact) => {
                engine.before_load(artifact).map_err(fail(None))?;
                engine.load(artifact).map_err(fail(Phase::CLoad))?
            }
            None => engine.compile(&self.bytes.unseen()).map_err(fail(Phase::AbCompile))?,
        };
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        set_up(&self.setup, self.marks, &mut instance).map_err(fail(Phase::CInstantiateFirst))?;
        self.checked(instance.call(), Phase::DCallFirst)?;
        self.held = Some(Held { instance, module, engine });
        Ok(())
    }

    /// Replaces the held instance by a fresh one, which has not been called.
    pub(crate) fn renew(&mut self) -> Result<(), RequestFailed> {
        let instance = self.fresh()?;
        self.held.as_mut().ok_or_else(nothing_held)?.instance = instance;
        Ok(())
    }

    /// A fresh instance of the held module, ready for its call.
    fn fresh(&mut self) -> Result<E::Instance, RequestFailed> {
        self.ready_guest()?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let phase = Phase::CInstantiateWarm;
        let mut instance = held.engine.instantiate(&held.module, &self.guest).map_err(fail(phase))?;
        set_up(&self.setup, self.marks, &mut instance).map_err(fail(phase))?;
        Ok(instance)
    }

    /// c, once more on the held module.
    pub(crate) fn instantiate_warm(&mut self) -> Result<WarmReading, RequestFailed> {
        if let Ability::No(reason) = &self.instantiation {
            return Err(fail(Phase::CInstantiateWarm)(Error::unsupported(reason)));
        }
        self.ready_guest()?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let start = Instant::now();
        let instance =
            held.engine.instantiate(&held.module, &self.guest).map_err(fail(Phase::CInstantiateWarm))?;
        let end = Instant::now();
        let drop_ns = time(|| drop(instance));
        let (phase, wall_ns) = (Phase::CInstantiateWarm, ns(start, end));
        Ok(WarmReading { phase, calls: 1, wall_ns, cpu_ns: None, drop_ns })
    }

    /// Doubles the calls until one reading lasts `reading_ns`; this also warms the code up.
    pub(crate) fn calls_that_fill(&mut self, reading_ns: u64) -> Result<u64, RequestFailed> {
        if self.fresh_instance {
            return Ok(1);
        }
        let (mut calls, start) = (1, Instant::now());
        // If d is only a part of the call, filling a reading could take very long.
        while self.call_warm(calls)?.wall_ns < reading_ns
            && (self.marks == MarksUse::Ignored || ns(start, Instant::now()) < FILLING * reading_ns)
        {
            calls *= 2;
        }
        Ok(calls)
    }

    /// d, repeated.
    pub(crate) fn call_warm(&mut self, calls: u64) -> Result<WarmReading, RequestFailed> {
        if self.fresh_instance { self.call_fresh() } else { self.call_held(calls) }
    }

    /// `calls` calls of the held instance between two clock readings, every result checked.
    fn call_held(&mut self, calls: u64) -> Result<WarmReading, RequestFailed> {
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        marks::clear();
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let repeated = held.instance.call_repeatedly(calls);
        let end = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        let (outcome, same) = repeated.map_or_else(|error| (Err(error), true), |(one, same)| (Ok(one), same));
        self.checked(outcome, Phase::DCallWarm)?;
        if !same {
            let message = "the result changed between calls of one instance; each call needs a fresh one";
            return Err(fail(Phase::DCallWarm)(Error::new(ErrorKind::WrongResult, message)));
        }
        let phase = Phase::DCallWarm;
        let marked_ns = self.marked_ns(calls, phase)?;
        let wall_ns = marked_ns.unwrap_or_else(|| ns(start, end));
        let cpu_ns = marked_ns.is_none().then_some(cpu_ns);
        Ok(WarmReading { phase, calls, wall_ns, cpu_ns, drop_ns: 0 })
    }

    /// `calls` calls of the held instance in the engine's bare loop, which checks no result. What a warm
    /// call takes beyond that is added by the warm loop.
    pub(crate) fn call_bare(&mut self, calls: u64) -> Result<WarmReading, RequestFailed> {
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let start = Instant::now();
        held.instance.call_bare(calls).map_err(fail(Phase::DCallWarm))?;
        let wall_ns = ns(start, Instant::now());
        Ok(WarmReading { phase: Phase::DCallWarm, calls, wall_ns, cpu_ns: None, drop_ns: 0 })
    }

    /// One call on a fresh instance of the held module, instantiation untimed.
    fn call_fresh(&mut self) -> Result<WarmReading, RequestFailed> {
        let mut instance = self.fresh()?;
        let start = Instant::now();
        let outcome = instance.call();
        let end = Instant::now();
        let drop_ns = time(|| drop(instance));
        let phase = Phase::DCallWarm;
        self.checked(outcome, phase)?;
        let wall_ns = self.marked_ns(1, phase)?.unwrap_or_else(|| ns(start, end));
        Ok(WarmReading { phase, calls: 1, wall_ns, cpu_ns: None, drop_ns })
    }
}

fn nothing_held() -> RequestFailed {
    fail(None)(Error::internal("no instance is held"))
}
