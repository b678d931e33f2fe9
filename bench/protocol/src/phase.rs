//! The phases of a module's life and the passes that read them: one name for each,
//! the same in messages, CSV files, tables and benchmark ids.

crate::named_enum! {
    /// One timed stretch of a module's life, or a total over several of them.
    ///
    /// First and warm readings are never mixed. The first instantiation of a module may build memory
    /// images, and the first call of an instance includes lazy compilation.
    pub enum Phase {
        /// Creation of the engine; outside every total.
        Engine = "engine",
        /// a: bytes in memory → validated, where the engine offers validation by itself.
        AParse = "a-parse",
        /// a+b: bytes in memory → module ready.
        AbCompile = "ab-compile",
        /// b': module → artifact file written and closed, without a sync.
        BSave = "b-save",
        /// c': artifact file (in the page cache) → module ready.
        CLoad = "c-load",
        /// c: module → instance with its entry found, the first time for this module.
        CInstantiateFirst = "c-instantiate-first",
        /// c: the same on a module that has been instantiated before.
        CInstantiateWarm = "c-instantiate-warm",
        /// d: call of the entry → its result, the first call of the instance.
        DCallFirst = "d-call-first",
        /// d: a repeated call; for commands and stateful exports, the first call of a fresh instance
        /// of a warm module.
        DCallWarm = "d-call-warm",
        /// Dropping what a pass or a warm reading made: engine, module, instance, store; outside every
        /// total. Work that an engine puts off until then shows here.
        Drop = "drop",
        /// a+b+c+d, end to end in one pass.
        Jit = "jit",
        /// a+b+b', end to end in one pass.
        AotCompile = "aot-compile",
        /// c'+c+d, end to end in one pass.
        AotExecute = "aot-execute",
    }
}

crate::named_enum! {
    /// The kind of pass that a reading comes from. Each pass starts from a fresh engine; warm passes use
    /// a module that is held.
    pub enum Pass {
        /// Validate and nothing more.
        Parse = "parse",
        /// Compile, instantiate and call.
        Jit = "jit",
        /// Compile and save.
        Aot = "aot",
        /// Load, instantiate and call, in a process that has compiled nothing.
        Run = "run",
        /// Load and nothing more.
        Load = "load",
        /// Repeated instantiations of a module that is held.
        WarmInstantiate = "warm-instantiate",
        /// Repeated calls on a module that is held.
        WarmCall = "warm-call",
        /// A JIT pass that is the first thing a process does.
        ColdJit = "cold-jit",
        /// A run pass that is the first thing a process does.
        ColdRun = "cold-run",
    }
}

impl Pass {
    /// The passes that start from the wasm; they may come in any order.
    pub const COMPILING: [Pass; 4] = [Pass::Parse, Pass::Jit, Pass::Aot, Pass::ColdJit];
    /// The passes that use what was compiled; they may come in any order.
    pub const RUNNING: [Pass; 5] =
        [Pass::Run, Pass::Load, Pass::WarmInstantiate, Pass::WarmCall, Pass::ColdRun];

    /// Whether it is the first thing that its process does; such a process takes no other reading.
    pub fn is_cold(self) -> bool {
        matches!(self, Pass::ColdJit | Pass::ColdRun)
    }

    /// Whether its readings are of a module or an instance that has been used before.
    pub fn is_warm(self) -> bool {
        matches!(self, Pass::WarmInstantiate | Pass::WarmCall)
    }

    /// The phase or total that engines are compared by in this pass.
    pub fn phase(self) -> Phase {
        match self {
            Pass::Parse => Phase::AParse,
            Pass::Jit | Pass::ColdJit => Phase::Jit,
            Pass::Aot => Phase::AotCompile,
            Pass::Run | Pass::ColdRun => Phase::AotExecute,
            Pass::Load => Phase::CLoad,
            Pass::WarmInstantiate => Phase::CInstantiateWarm,
            Pass::WarmCall => Phase::DCallWarm,
        }
    }

    /// Whether it starts from the wasm.
    pub fn compiles(self) -> bool {
        Pass::COMPILING.contains(&self)
    }

    /// Whether it loads what an AOT pass has saved, if the engine can save.
    pub fn loads(self) -> bool {
        Pass::RUNNING.contains(&self)
    }

    /// Whether it makes instances or calls.
    pub fn needs_instances(self) -> bool {
        !matches!(self, Pass::Parse | Pass::Aot | Pass::Load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_either_compiles_or_runs() {
        for pass in Pass::ALL {
            assert!(pass.compiles() != pass.loads(), "{pass}");
        }
    }
}
