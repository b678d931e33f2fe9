//! Progress on standard error: a spinner for steps of unknown length, a bar with an ETA for
//! counted ones. Where standard error is no terminal, plain lines that a log can keep.

use super::output::{Verbosity, is_at_least};
use crate::note;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// A step whose length is not known, such as a build: a spinner with the time it has taken.
/// Call [`ProgressBar::finish_and_clear`] at its end.
pub fn spinner(message: impl Into<String>) -> ProgressBar {
    let message = message.into();
    if !is_drawn() {
        note!("{message}…");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.set_style(style("{spinner} {msg} ({elapsed})"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A step of `total` units: a bar with an ETA. Where standard error is no terminal, the bar
/// draws nothing, and the caller says what matters in lines of its own.
pub fn bar(total: u64, message: impl Into<String>) -> ProgressBar {
    let target = if is_drawn() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(total), target).with_message(message.into());
    bar.set_style(style("{msg:40!} {wide_bar} {percent:>3}% ETA {eta}"));
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// Whether standard error is a terminal, and progress is wanted.
fn is_drawn() -> bool {
    std::io::stderr().is_terminal() && is_at_least(Verbosity::Usual)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
