//! How an error becomes the closing reply of a request.

use protocol::message::RequestFailed;
use protocol::{Error, Phase};

/// Names the phase in which an error happened.
pub(crate) fn fail<F: Into<Error>>(phase: impl Into<Option<Phase>>) -> impl FnOnce(F) -> RequestFailed {
    let phase = phase.into();
    move |error| RequestFailed { phase, error: error.into() }
}
