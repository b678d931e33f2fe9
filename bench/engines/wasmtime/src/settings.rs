//! What an engine's name stands for: how code is made, and which of Wasmtime's defaults are changed.

use crate::instance::failure;
use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};
use worker::protocol::Result;

/// The names that the worker can be started with; options may follow each.
pub const NAMES: [&str; 8] = [
    "wasmtime-cranelift",
    "wasmtime-winch",
    "wasmtime-pulley",
    "wasmtime-pooling",
    "wasmtime-1-thread",
    "wasmtime-epochs",
    "wasmtime-fuel",
    "wasmtime-bounds",
];

/// What makes the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// Cranelift, to machine code.
    Cranelift,
    /// Winch.
    Winch,
    /// Cranelift, to Pulley's bytecode.
    Pulley,
}

/// The settings of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What makes the code.
    pub compiler: Compiler,
    /// How much Cranelift optimises: `none`, `speed` or `speed-and-size`.
    pub opt_level: &'static str,
    /// Whether functions are compiled on all processors.
    pub parallel: bool,
    /// Whether memories come from a pool that is reserved with the engine.
    pub pooling: bool,
    /// Whether code looks at the epoch, so that the host can stop it.
    pub epochs: bool,
    /// Whether code counts the instructions that it runs.
    pub fuel: bool,
    /// Whether code compares every address with the memory's size. It does not by default: a memory
    /// reserves 4 GiB and a guard region, and an access outside faults.
    pub bounds_checks: bool,
}

impl Settings {
    /// The settings of `name`, which is one of [`NAMES`] and `:OPTION=VALUE` any number of times; `None` where
    /// there is no such name, option or value.
    pub fn of(name: &str) -> Option<Settings> {
        let mut words = name.split(':');
        let mut settings = Settings::named(words.next()?)?;
        for word in words {
            let (option, value) = word.split_once('=')?;
            settings.set(option, value)?;
        }
        Some(settings)
    }

    fn named(name: &str) -> Option<Settings> {
        let defaults = Settings {
            compiler: Compiler::Cranelift,
            opt_level: "speed",
            parallel: true,
            pooling: false,
            epochs: false,
            fuel: false,
            bounds_checks: false,
        };
        Some(match name {
            "wasmtime-cranelift" => defaults,
            "wasmtime-winch" => Settings { compiler: Compiler::Winch, ..defaults },
            "wasmtime-pulley" => Settings { compiler: Compiler::Pulley, ..defaults },
            "wasmtime-pooling" => Settings { pooling: true, ..defaults },
            "wasmtime-1-thread" => Settings { parallel: false, ..defaults },
            "wasmtime-epochs" => Settings { epochs: true, ..defaults },
            "wasmtime-fuel" => Settings { fuel: true, ..defaults },
            "wasmtime-bounds" => Settings { bounds_checks: true, ..defaults },
            _ => return None,
        })
    }

    fn set(&mut self, option: &str, value: &str) -> Option<()> {
        match (option, value) {
            ("opt-level", "none") => self.opt_level = "none",
            ("opt-level", "speed") => self.opt_level = "speed",
            ("opt-level", "speed-and-size") => self.opt_level = "speed-and-size",
            ("allocation", "on-demand") => self.pooling = false,
            ("allocation", "pooling") => self.pooling = true,
            ("parallel", _) => self.parallel = switch(value)?,
            ("epochs", _) => self.epochs = switch(value)?,
            ("fuel", _) => self.fuel = switch(value)?,
            ("bounds-checks", _) => self.bounds_checks = switch(value)?,
            _ => return None,
        }
        Some(())
    }

    /// The same as Wasmtime's configuration.
    ///
    /// # Errors
    /// When Wasmtime does not have the target.
    pub fn config(&self) -> Result<Config> {
        let mut config = Config::new();
        match self.compiler {
            Compiler::Cranelift => config.strategy(Strategy::Cranelift),
            Compiler::Winch => config.strategy(Strategy::Winch),
            Compiler::Pulley => config.target("pulley64").map_err(|error| failure(&error))?,
        };
        if self.compiler != Compiler::Winch {
            config.cranelift_opt_level(match self.opt_level {
                "none" => OptLevel::None,
                "speed-and-size" => OptLevel::SpeedAndSize,
                _ => OptLevel::Speed,
            });
        }
        if self.pooling {
            let pool = PoolingAllocationConfig::default();
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        }
        if self.bounds_checks {
            config.memory_reservation(0).memory_guard_size(0);
        }
        config.parallel_compilation(self.parallel).epoch_interruption(self.epochs).consume_fuel(self.fuel);
        Ok(config)
    }
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_change_what_the_name_stands_for() {
        assert!(NAMES.iter().all(|name| Settings::of(name).is_some()));
        let plain = Settings::of("wasmtime-cranelift").unwrap();
        let changed = Settings::of("wasmtime-cranelift:opt-level=none:parallel=off").unwrap();
        assert_eq!(changed, Settings { opt_level: "none", parallel: false, ..plain });
        assert_eq!(Settings::of("wasmtime-fuel"), Settings::of("wasmtime-cranelift:fuel=on"));
        assert_eq!(Settings::of("wasmtime-cranelift:opt-level=much"), None);
        assert_eq!(Settings::of("wasmtime"), None);
    }
}
