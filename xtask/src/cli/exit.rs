//! What a command's exit status says.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All that was asked for.
    Done,
    /// Nothing useful.
    NothingUseful,
    /// The command line is wrong.
    WrongUsage,
    /// Something, but some cells failed.
    SomeFailed,
    /// Something is slower than a gate allows, or not resolved.
    Slower,
    /// Interrupted; what was measured is kept.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::NothingUseful => 1,
            Exit::WrongUsage => 2,
            Exit::SomeFailed => 3,
            Exit::Slower => 4,
            Exit::Interrupted => 130,
        })
    }
}
