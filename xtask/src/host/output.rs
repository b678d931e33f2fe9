//! All output to standard output and standard error. `println!` panics when a pipe is closed, as by
//! `| head`, and a run would lose its files. Here a closed pipe is ignored: later output is dropped,
//! and the command goes on to its end.

use anstyle::{AnsiColor, Style};
use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock};

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress, and what the user must know.
    Usual,
    /// Also the commands that are run, and what they print.
    Verbose,
}

static VERBOSITY: AtomicU8 = AtomicU8::new(Verbosity::Usual as u8);
/// What makes room for a line on standard error, where progress is drawn.
static ROOM: OnceLock<fn(&mut dyn FnMut())> = OnceLock::new();
/// The first error on standard output that is not a closed pipe.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

/// The columns that tables take where standard output is no terminal.
pub const USUAL_WIDTH: usize = 100;

/// The style of `error:`.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The style of `skipped:` and of what else did not work but ends nothing.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Sets how much is said on standard error from here on.
pub fn set_verbosity(verbosity: Verbosity) {
    VERBOSITY.store(verbosity as u8, Ordering::Relaxed);
}

/// Whether at least `verbosity` is asked for.
pub fn is_at_least(verbosity: Verbosity) -> bool {
    VERBOSITY.load(Ordering::Relaxed) >= verbosity as u8
}

/// Prints to standard output; [`crate::out!`] and [`crate::outln!`] call it.
pub fn print(text: Arguments<'_>) {
    let mut stdout = anstream::stdout().lock();
    keep(stdout.write_fmt(text).and_then(|()| stdout.flush()));
}

/// Prints a line to standard error where at least `verbosity` is asked for; [`crate::note!`] and
/// [`crate::detail!`] call it. Nothing can be done about an error there.
pub fn print_error(verbosity: Verbosity, text: Arguments<'_>) {
    if is_at_least(verbosity) {
        let mut print = || {
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        };
        match ROOM.get() {
            Some(make_room) => make_room(&mut print),
            None => print(),
        }
    }
}

/// Has `around` call what prints a line to standard error, after it has cleared what is drawn there.
pub fn make_room(around: fn(&mut dyn FnMut())) {
    // Who comes first draws everything.
    let _ = ROOM.set(around);
}

/// Copies what another program prints to standard output, to its end.
///
/// # Errors
/// When the other program's output cannot be read.
pub fn copy(mut from: impl Read) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        keep(stdout.write_all(&buffer[..count]).and_then(|()| stdout.flush()));
    }
}

/// The columns of the terminal that standard output is, or [`USUAL_WIDTH`] where it is none.
pub fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0))
}

/// `label` in the `style`, where colors are shown.
pub fn styled(style: Style, label: impl Display) -> String {
    format!("{style}{label}{style:#}")
}

/// The first error on standard output, a closed pipe aside.
pub fn failure() -> Option<io::Error> {
    FAILED.lock().ok()?.take()
}

fn keep(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            if let Ok(mut first) = FAILED.lock() {
                first.get_or_insert(error);
            }
        }
        _ => {}
    }
}

/// Prints to standard output, as `print!` does.
#[macro_export]
macro_rules! out {
    ($($text:tt)*) => { $crate::host::output::print(format_args!($($text)*)) };
}

/// Prints a line to standard output, as `println!` does.
#[macro_export]
macro_rules! outln {
    ($($text:tt)*) => { $crate::host::output::print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a line to standard error, as `eprintln!` does; `--quiet` drops it.
#[macro_export]
macro_rules! note {
    ($($text:tt)*) => {
        $crate::host::output::print_error($crate::host::output::Verbosity::Usual, format_args!($($text)*))
    };
}

/// Prints a line to standard error where `--verbose` asks for it.
#[macro_export]
macro_rules! detail {
    ($($text:tt)*) => {
        $crate::host::output::print_error($crate::host::output::Verbosity::Verbose, format_args!($($text)*))
    };
}

/// Prints a line to standard error, whatever is asked for.
#[macro_export]
macro_rules! complain {
    ($($text:tt)*) => {
        $crate::host::output::print_error($crate::host::output::Verbosity::Quiet, format_args!($($text)*))
    };
}
