//! What an error of the database means for the caller.

use std::error::Error as _;
use std::io;

use bharatmart_core::ports::Fault;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::sql::{PORT, Stop};

#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection is lost. Another one may do.
    Lost(String),
    Stop(Stop),
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Trouble::Stop(stop)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Stop(Stop::Fault(fault))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            let lost = error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>());
            return match lost {
                true => Trouble::Lost(error.to_string()),
                false => Fault::broken(PORT, chain(&error)).into(),
            };
        };
        let cause = format!("{} ({})", answer.message(), answer.code().code());
        match *answer.code() {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::LOCK_NOT_AVAILABLE => {
                Stop::Clash(cause).into()
            }
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => Trouble::Lost(cause),
            // A server that only follows another refuses to begin what writes: the URL leads to the wrong one for a while.
            SqlState::QUERY_CANCELED | SqlState::READ_ONLY_SQL_TRANSACTION | SqlState::FEATURE_NOT_SUPPORTED => {
                Fault::away(PORT, cause).into()
            }
            SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => {
                let hint = "a pooler stands between: add pgbouncer=true to the URL";
                Fault::broken(PORT, format_args!("{cause}; {hint}")).into()
            }
            ref code => match code.code().get(..2) {
                Some("08") => Trouble::Lost(cause),
                Some("53" | "58") => Fault::away(PORT, cause).into(),
                _ => Fault::broken(PORT, cause).into(),
            },
        }
    }
}

impl Trouble {
    pub(super) fn is_away(&self) -> bool {
        matches!(self, Trouble::Lost(_) | Trouble::Stop(Stop::Fault(Fault::Away { .. })))
    }

    /// Once another connection was tried too.
    pub(super) fn into_stop(self) -> Stop {
        match self {
            Trouble::Lost(cause) => Stop::Fault(Fault::away(PORT, cause)),
            Trouble::Stop(stop) => stop,
        }
    }

    pub(super) fn into_fault(self) -> Fault {
        self.into_stop().into_fault()
    }
}

/// Without a connection there is nothing to try again on; a certificate that is not believed will not be the next time.
pub(super) fn connecting(error: Error) -> Stop {
    if error.as_db_error().is_some() {
        return Trouble::from(error).into_stop();
    }
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match source.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData) => Fault::broken(PORT, chain(&error)).into(),
        _ => Fault::away(PORT, chain(&error)).into(),
    }
}

/// The outermost error alone says "error performing TLS handshake", and not why.
pub(super) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
