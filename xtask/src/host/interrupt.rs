//! Ctrl-C: the first lets the current batch finish and keeps what was measured, the second ends the
//! program at once.

use crate::note;
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Watches for SIGINT and SIGTERM from here on; the flag tells whether one came.
///
/// # Errors
/// When the signal handler cannot be installed.
pub fn watch() -> Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        note!("\ninterrupted: finishing the current batch, then printing what was measured; press Ctrl-C again to stop at once");
    })
    .context("installing the handler for Ctrl-C")?;
    Ok(&INTERRUPTED)
}
