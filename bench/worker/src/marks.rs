//! The stretch of a call that a module marks itself, by Sightglass's convention: it imports
//! `bench.start` and `bench.end`, functions of type `() -> ()`, and d is the time between them.
//!
//! Engines give these two to the modules that import them. A worker times one call at a time, and
//! some engines take no state with a host function: the marks belong to the process.

use crate::stopwatch::ns;
use protocol::{Error, ErrorKind, MarksUse, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use protocol::marks::{END, MODULE, START};

/// What was marked since the last [`clear`].
struct Marks {
    open: Option<Instant>,
    total_ns: u64,
    stretches: u64,
    unpaired: bool,
}

const NOTHING: Marks = Marks { open: None, total_ns: 0, stretches: 0, unpaired: false };

static MARKS: Mutex<Marks> = Mutex::new(NOTHING);

fn marks() -> MutexGuard<'static, Marks> {
    MARKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an engine's `bench.start` does: the clock is read last.
pub fn start() {
    let mut marks = marks();
    marks.unpaired |= marks.open.is_some();
    marks.open = Some(Instant::now());
}

/// What an engine's `bench.end` does: the clock is read first.
pub fn end() {
    let now = Instant::now();
    let mut marks = marks();
    match marks.open.take() {
        Some(start) => {
            marks.total_ns += ns(start, now);
            marks.stretches += 1;
        }
        None => marks.unpaired = true,
    }
}

/// Forgets what was marked.
pub(crate) fn clear() {
    *marks() = NOTHING;
}

/// The time between the marks of `calls` calls since the last [`clear`], in nanoseconds; `None`
/// where the module's marks are not asked for.
///
/// # Errors
/// [`ErrorKind::WrongResult`] where a call did not go through its stretch once: the time between
/// the marks is then not what it is taken for.
pub(crate) fn taken_ns(wanted: MarksUse, calls: u64) -> Result<Option<u64>> {
    if wanted == MarksUse::Ignored {
        return Ok(None);
    }
    let marks = marks();
    if !marks.unpaired && marks.open.is_none() && marks.stretches == calls {
        return Ok(Some(marks.total_ns));
    }
    let message = "each call must go once through bench.start and then bench.end, which the module imports";
    Err(Error::new(ErrorKind::WrongResult, format!("{message}; {} did in {calls} calls", marks.stretches)))
}
