//! Says once a minute what is under way, where standard error is no terminal and nothing else was said
//! meanwhile: a log that stands still looks like a program that hangs.

use super::output;
use crate::note;
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long nothing may be said.
const PERIOD: Duration = Duration::from_secs(60);

/// Speaks until it is dropped.
pub struct Heartbeat(Option<(Sender<()>, JoinHandle<()>)>);

impl Heartbeat {
    /// Begins to say that `what` is under way; a terminal shows progress in other ways.
    pub fn start(what: &str) -> Heartbeat {
        if std::io::stderr().is_terminal() {
            return Heartbeat(None);
        }
        let (stop, stopped) = channel();
        let (what, start) = (what.to_owned(), Instant::now());
        let thread = thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(wait(output::quiet_for(start))) {
                if output::quiet_for(start) >= PERIOD {
                    note!("… still at it: {what}, {} min", start.elapsed().as_secs() / 60);
                }
            }
        });
        Heartbeat(Some((stop, thread)))
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            // It prints, and can neither fail nor last.
            let _ = thread.join();
        }
    }
}

/// How long to wait until a line is due, after `quiet` without one.
fn wait(quiet: Duration) -> Duration {
    PERIOD.checked_sub(quiet).filter(|rest| !rest.is_zero()).unwrap_or(PERIOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_a_minute_after_the_last() {
        let seconds = |quiet| wait(Duration::from_secs(quiet)).as_secs();
        assert_eq!([seconds(0), seconds(45), seconds(60), seconds(75)], [60, 15, 60, 60]);
    }
}
