//! Progress on standard error: a spinner for steps of unknown length, a bar for counted ones, each with
//! the time that is left as far as that is known. Where standard error is no terminal, a line a minute
//! says where the command is, so that a log shows it.

use super::output::{self, Verbosity, is_at_least};
use crate::note;
use indicatif::{
    MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, WeakProgressBar,
};
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How often a log is told where the command is.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// Below this share of a step nothing is said of the rest: the first units tell too little.
const TELLING_SHARE: f64 = 0.02;
/// The same for its first moments.
const TELLING_TIME: Duration = Duration::from_secs(3);

/// The most units that are counted one by one: more are bytes or nanoseconds.
const COUNTED: u64 = 10_000;

/// Steps under way, the newest last.
static LIVE: Mutex<Vec<WeakProgressBar>> = Mutex::new(Vec::new());
/// When everything that is under way will be done, where that is known better than a step knows it.
static EXPECTED_END: Mutex<Option<Instant>> = Mutex::new(None);

/// A step whose length is not known, such as a download: a spinner with the time it has taken.
/// Call [`ProgressBar::finish_and_clear`] at its end.
pub fn spinner(message: impl Into<String>) -> ProgressBar {
    let message = message.into();
    if !is_drawn() {
        note!("{message}…");
        return heard(ProgressBar::hidden().with_message(message));
    }
    let bar = drawn(ProgressBar::new_spinner().with_message(message));
    bar.set_style(style("{spinner} {msg} ({elapsed}){left}"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A step of `total` units: a bar with the time that is left. Where standard error is no terminal, the
/// bar draws nothing, and the caller says what matters in lines of its own.
pub fn bar(total: u64, message: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    let bar = bar.with_message(message.into());
    let bar = if is_drawn() { drawn(bar) } else { heard(bar) };
    bar.set_style(style("{msg:40!} {wide_bar} {percent:>3}%{left}"));
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// Says when everything that is under way will be done; `None` where each step knows best.
pub fn expect_end_in(left: Option<Duration>) {
    let end = left.and_then(|left| Instant::now().checked_add(left));
    *EXPECTED_END.lock().unwrap_or_else(PoisonError::into_inner) = end;
}

/// `duration` in words: minutes, or seconds where it is short.
pub fn rounded(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds < 90.0 => format!("{:.0} s", seconds.max(1.0)),
        seconds if seconds < 5400.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}

/// Whether standard error is a terminal, and progress is wanted.
fn is_drawn() -> bool {
    std::io::stderr().is_terminal() && is_at_least(Verbosity::Usual)
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("left", |state: &ProgressState, to: &mut dyn fmt::Write| {
        let share = state.len().map(|_| f64::from(state.fraction()));
        // A bar that cannot be drawn is no reason to end.
        let _ = to.write_str(&left(share, state.elapsed()));
    })
}

/// What is said of the time that is left: of everything, where that is known, else of a step of which
/// `share` took `elapsed`.
fn left(share: Option<f64>, elapsed: Duration) -> String {
    if let Some(end) = *EXPECTED_END.lock().unwrap_or_else(PoisonError::into_inner) {
        let left = end.saturating_duration_since(Instant::now());
        return format!(", about {} left in all", rounded(left.max(Duration::from_secs(1))));
    }
    match share {
        Some(share) if (TELLING_SHARE..1.0).contains(&share) && elapsed >= TELLING_TIME => {
            format!(", about {} left", rounded(elapsed.mul_f64(1.0 / share - 1.0)))
        }
        _ => String::new(),
    }
}

/// `bar` below those that are drawn already, all of which make room for lines of text.
fn drawn(bar: ProgressBar) -> ProgressBar {
    static BARS: OnceLock<MultiProgress> = OnceLock::new();
    let bars = BARS.get_or_init(|| {
        output::make_room(|print| {
            if let Some(bars) = BARS.get() {
                bars.suspend(print);
            } else {
                print();
            }
        });
        MultiProgress::new()
    });
    bars.add(bar)
}

/// `bar`, which is hidden, among those that the log hears of.
fn heard(bar: ProgressBar) -> ProgressBar {
    static STARTED: Once = Once::new();
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).push(bar.downgrade());
    STARTED.call_once(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(HEARTBEAT);
                if let Some(line) = heartbeat() {
                    note!("{line}");
                }
            }
        });
    });
    bar
}

/// Where the newest step under way is.
fn heartbeat() -> Option<String> {
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    live.retain(|bar| bar.upgrade().is_some_and(|bar| !bar.is_finished()));
    let bar = live.last()?.upgrade()?;
    let (done, total) = (bar.position(), bar.length());
    let share = total.map(|total| done as f64 / total.max(1) as f64);
    let count = match (total, share) {
        (Some(total), _) if total <= COUNTED => format!(", {done} of {total}"),
        (_, Some(share)) => format!(", {:.0}%", 100.0 * share),
        _ => String::new(),
    };
    let elapsed = bar.elapsed();
    Some(format!("  … {}{count} ({}){}", bar.message(), rounded(elapsed), left(share, elapsed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_step_follows_from_what_is_done_and_nothing_is_said_too_early() {
        let after = |share, seconds| left(Some(share), Duration::from_secs(seconds));
        assert_eq!(after(0.25, 60), ", about 3 min left");
        assert_eq!(after(0.5, 20), ", about 20 s left");
        assert_eq!(after(0.001, 60), "");
        assert_eq!(after(0.5, 1), "");
        assert_eq!(left(None, Duration::from_secs(60)), "");
    }

    #[test]
    fn times_are_given_in_the_unit_that_suits_them() {
        let shown = [0, 59, 89, 90, 1200, 7200].map(|seconds| rounded(Duration::from_secs(seconds)));
        assert_eq!(shown, ["1 s", "59 s", "89 s", "2 min", "20 min", "2.0 h"]);
    }

    #[test]
    fn the_log_hears_of_the_newest_step_that_is_not_over() {
        let first = heard(ProgressBar::hidden().with_message("building std"));
        let second = heard(ProgressBar::with_draw_target(Some(40), ProgressDrawTarget::hidden()));
        second.set_message("round 2");
        second.set_position(10);
        let line = heartbeat().unwrap();
        assert!(line.contains("round 2, 10 of 40"), "{line}");
        second.set_length(40_000_000_000);
        second.set_position(10_000_000_000);
        assert!(heartbeat().unwrap().contains("round 2, 25% ("));
        second.finish_and_clear();
        let line = heartbeat().unwrap();
        assert!(line.contains("building std"), "{line}");
        first.finish_and_clear();
    }
}
