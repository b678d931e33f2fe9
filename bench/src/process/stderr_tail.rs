//! The end of a worker's standard error, which is kept for error messages.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How much of it is kept, in bytes.
const STDERR_KEPT: usize = 2_000;

/// The last bytes of a stream that is read in the background.
#[derive(Debug)]
pub(super) struct StderrTail {
    bytes: Arc<Mutex<VecDeque<u8>>>,
    /// Disconnected when the stream has ended.
    end: Receiver<()>,
}

impl StderrTail {
    /// What was kept; waits up to `wait` for the stream's end, since the process may have ended
    /// before its last output was read.
    pub(super) fn all(&self, wait: Duration) -> Vec<u8> {
        // A child of the process may hold the stream open.
        let _ = self.end.recv_timeout(wait);
        self.bytes.lock().map(|tail| tail.iter().copied().collect()).unwrap_or_default()
    }
}

/// Collects the last bytes of `stderr` in the background.
pub(super) fn keep_tail(mut stderr: impl Read + Send + 'static) -> StderrTail {
    let bytes = Arc::new(Mutex::new(VecDeque::new()));
    let filled = Arc::clone(&bytes);
    let (ended, end) = channel();
    thread::spawn(move || {
        let _ended = ended;
        let mut chunk = [0; 1024];
        while let Ok(read @ 1..) = stderr.read(&mut chunk) {
            let Ok(mut tail) = filled.lock() else { return };
            tail.extend(&chunk[..read]);
            let surplus = tail.len().saturating_sub(STDERR_KEPT);
            tail.drain(..surplus);
        }
    });
    StderrTail { bytes, end }
}
