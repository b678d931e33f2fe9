//! Ctrl-C. While something is prepared it ends the program and everything it has started, at once. While
//! something is measured the first lets the current batch finish and keeps what was measured, and the
//! second ends the program.

use super::descendants;
use super::output::{Verbosity, is_at_least};
use crate::note;
use anyhow::{Context, Result};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a command that was interrupted, as shells have it: 128 + SIGINT.
const EXIT_CODE: i32 = 130;

static MEASURING: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the program is being ended, together with everything it has started.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Watches for SIGINT and SIGTERM from here on.
///
/// # Errors
/// When the signal handler cannot be installed.
pub fn watch() -> Result<()> {
    ctrlc::set_handler(|| {
        if !MEASURING.load(Ordering::Relaxed) {
            end_preparing();
        }
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(EXIT_CODE);
        }
        note!("\ninterrupted: finishing the current batch, then printing what was measured; press Ctrl-C again to stop at once");
    })
    .context("installing the handler for Ctrl-C")
}

/// From here on there are measurements to keep; the flag tells whether to end.
pub fn measuring() -> &'static AtomicBool {
    MEASURING.store(true, Ordering::Relaxed);
    &INTERRUPTED
}

/// Waits for the end where the program is being ended: what fails meanwhile fails because of that, and must not
/// decide the exit status.
pub fn give_way() {
    while ENDING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

fn end_preparing() -> ! {
    ENDING.store(true, Ordering::SeqCst);
    // While this is held nobody else can say that a build failed because it was ended here.
    let mut stderr = std::io::stderr().lock();
    descendants::kill_all();
    if is_at_least(Verbosity::Usual) {
        let _ =
            writeln!(stderr, "\ninterrupted; what is finished is kept, and the next run goes on from there");
    }
    std::process::exit(EXIT_CODE)
}
