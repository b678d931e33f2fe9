//! Lucet's errors as the protocol's: which kind, in Lucet's own words.

use lucet_module::Error as BindingError;
use lucet_runtime::{FaultDetails, TerminationDetails};
use worker::kit::Trap;
use worker::protocol::{Error, ErrorKind};

/// An error with its causes in one line, without those that it has quoted itself.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// A module that lucetc does not take.
pub fn rejected(error: &lucetc::Error) -> Error {
    let message = chain(error);
    let kind = match error {
        lucetc::Error::LucetModule(
            BindingError::UnknownSymbol { .. } | BindingError::UnknownModule { .. },
        ) => ErrorKind::Link,
        lucetc::Error::IOError(_) => ErrorKind::Io,
        _ => ErrorKind::Rejected,
    };
    Error::new(kind, message)
}

/// Why a call did not return.
pub enum Stop {
    /// Lucet ended it.
    Error(lucet_runtime::Error),
    /// The guest yielded, which no import of it can.
    Yielded,
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        let Stop::Error(lucet_runtime::Error::RuntimeTerminated(TerminationDetails::Provided(details))) =
            self
        else {
            return None;
        };
        details.downcast_ref::<lucet_wasi::__wasi_exitcode_t>().map(|code| code.cast_signed())
    }

    fn error(&self) -> Error {
        use lucet_runtime::Error as Lucet;
        match self {
            Stop::Yielded => Error::internal("the guest yielded, which no import of it can"),
            Stop::Error(Lucet::RuntimeFault(fault)) => Error::trap(describe(fault)),
            Stop::Error(Lucet::RuntimeTerminated(TerminationDetails::Provided(_))) => {
                Error::internal("the guest was ended without an exit code")
            }
            Stop::Error(Lucet::RuntimeTerminated(TerminationDetails::CtxNotFound)) => {
                Error::link("the module calls WASI and has no context, since it imports none")
            }
            Stop::Error(error) => Error::internal(chain(error)),
        }
    }
}

fn describe(fault: &FaultDetails) -> String {
    match fault.trapcode {
        Some(code) => format!("{code:?}"),
        None => fault.to_string(),
    }
}
