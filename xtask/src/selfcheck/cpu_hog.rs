//! A load on the machine: a process that computes half of the time. It ends when its standard input
//! is closed, so that it cannot outlive the check, however the check ends.

use anyhow::{Context, Result};
use std::hint::black_box;
use std::io::{Read, stdin};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// The hidden subcommand that the process is.
pub const COMMAND: &str = "load";
/// How long it computes, and then rests: long enough to disturb some batches and leave others alone.
const HALF: Duration = Duration::from_millis(500);

/// The process; it ends when this is dropped, and when this program ends in any other way.
pub struct Load {
    child: Child,
    _alive: Option<ChildStdin>,
}

impl Load {
    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> Result<Load> {
        let program = std::env::current_exe().context("finding this program")?;
        let mut child = Command::new(program)
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("starting the load")?;
        let alive = child.stdin.take();
        Ok(Load { child, _alive: alive })
    }

    /// Whether it is still running.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait().context("looking at the load")?.is_none())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the process: computes and rests until standard input ends.
pub fn run() -> ! {
    std::thread::spawn(|| {
        // Nothing is ever written to it; an error ends it as well.
        let _ = stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    loop {
        let start = Instant::now();
        while start.elapsed() < HALF {
            black_box((0..10_000_u64).map(black_box).sum::<u64>());
        }
        std::thread::sleep(HALF);
    }
}
