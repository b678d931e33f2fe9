//! Instructions and cycles, from the system's hardware counters.

use protocol::{Error, Result};

/// The system's counters of instructions and cycles in user space. They count the thread that opens
/// them, and the threads and child processes that start later.
pub struct Counters {
    instructions: perf_event::Counter,
    cycles: perf_event::Counter,
    last: (u64, u64),
}

impl Counters {
    /// Opens and starts both counters.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Unsupported`] if the machine has no such counters.
    pub fn open() -> Result<Counters> {
        let absent = |error: std::io::Error| {
            Error::unsupported(format!("hardware counters are not available here: {error}"))
        };
        let counter = |event: perf_event::events::Hardware| {
            perf_event::Builder::new(event).inherit(true).exclude_kernel(true).build()
        };
        let mut counters = Counters {
            instructions: counter(perf_event::events::Hardware::INSTRUCTIONS).map_err(absent)?,
            cycles: counter(perf_event::events::Hardware::CPU_CYCLES).map_err(absent)?,
            last: (0, 0),
        };
        counters.instructions.enable().map_err(absent)?;
        counters.cycles.enable().map_err(absent)?;
        Ok(counters)
    }

    /// Instructions and cycles since the last lap; since the counters were opened for the first one.
    ///
    /// # Errors
    /// When a counter cannot be read.
    pub fn lap(&mut self) -> Result<(u64, u64)> {
        let now = (self.instructions.read()?, self.cycles.read()?);
        let lap = (now.0 - self.last.0, now.1 - self.last.1);
        self.last = now;
        Ok(lap)
    }
}
