//! Why a transaction did not come to its end, and trying again when that may help.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use bharatmart_core::Refusal;
use bharatmart_core::ports::{CommitError, Fault};

use super::PORT;
use crate::clash::{self, Attempt};

/// Nothing was applied; after a fault that is not certain.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Refusal),
    /// Others hold what is wanted; in a moment they may not.
    Clash(String),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl Stop {
    /// For callers to whom nothing can be refused and who do not try again.
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            Stop::Refused(refusal) => Fault::broken(PORT, refusal),
            Stop::Clash(cause) => Fault::busy(PORT, cause),
            Stop::Fault(fault) => fault,
        }
    }
}

/// Tries again after a clash, as long as the caller has time.
pub(crate) async fn retried<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, CommitError>
where
    F: Future<Output = Result<T, Stop>>,
{
    let result = Mutex::new(None);
    let put = |value| *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    clash::retry(PORT, || {
        let attempt = attempt();
        async {
            match attempt.await {
                Ok(value) => {
                    put(value);
                    Attempt::Done(Ok(()))
                }
                Err(Stop::Clash(cause)) => Attempt::Clash(cause),
                Err(Stop::Refused(refusal)) => Attempt::Done(Err(refusal.into())),
                Err(Stop::Fault(fault)) => Attempt::Done(Err(fault.into())),
            }
        }
    })
    .await?;
    let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
    result.ok_or_else(|| Fault::broken(PORT, "done, and nothing came of it").into())
}

/// As `retried`, where nothing is refused.
pub(crate) async fn written<T, F>(attempt: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Stop>>,
{
    retried(attempt).await.map_err(|error| match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken(PORT, refusal),
    })
}
