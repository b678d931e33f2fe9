//! The stretch of a call that a module marks itself, by Sightglass's convention: it imports
//! `bench.start` and `bench.end`, functions of type `() -> ()`, and d is the time between them.
//!
//! Engines provide both to modules that import them. Some engines cannot pass state to a host function,
//! and a worker times one call at a time, so there is one set of marks for the process.

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

/// What an engine provides as `bench.start`. Reads the clock last.
pub fn start() {
    let mut marks = marks();
    marks.unpaired |= marks.open.is_some();
    marks.open = Some(Instant::now());
}

/// What an engine provides as `bench.end`. Reads the clock first.
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

/// Makes sure that nothing was marked since the last [`clear`], up to the call.
///
/// # Errors
/// [`ErrorKind::WrongResult`] if something was, and marks are wanted.
pub(crate) fn none_before_the_call(wanted: MarksUse) -> Result<()> {
    let marks = marks();
    if wanted == MarksUse::Ignored || (marks.open.is_none() && marks.stretches == 0 && !marks.unpaired) {
        return Ok(());
    }
    let message = "bench.start is called in the start section, outside the call: d has no stretch of its own";
    Err(Error::new(ErrorKind::WrongResult, message))
}

/// The time between the marks of `calls` calls since the last [`clear`], in nanoseconds; `None` if
/// marks are ignored.
///
/// # Errors
/// [`ErrorKind::WrongResult`] if the calls did not each call `bench.start` once and then `bench.end` once.
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
