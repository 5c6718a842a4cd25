//! A clash that may pass (a transaction conflict, a serialization failure, a locked file) is tried again with full
//! jitter inside the caller's budget; one that lasts is `Fault::Busy`.

use std::future::Future;
use std::time::Duration;

use bharatmart_core::ports::{CommitError, Fault};
use rand::Rng;

use crate::budget;

/// What one attempt came to.
pub enum Attempt {
    Done(Result<(), CommitError>),
    /// Nothing was applied; the reason may be gone in a moment.
    Clash(String),
}

const FIRST: Duration = Duration::from_millis(4);
const LONGEST: Duration = Duration::from_millis(250);
/// Left for telling the caller.
const MARGIN: Duration = Duration::from_millis(50);

/// The pauses between attempts: full jitter below a ceiling that doubles, inside the caller's budget.
pub struct Backoff {
    ceiling: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { ceiling: FIRST }
    }
}

impl Backoff {
    /// `false`, at once, when the budget leaves no time for another attempt.
    pub async fn pause(&mut self) -> bool {
        let wait = rand::rng().random_range(Duration::ZERO..=self.ceiling);
        if budget::remaining() < wait + MARGIN {
            return false;
        }
        tokio::time::sleep(wait).await;
        self.ceiling = (self.ceiling * 2).min(LONGEST);
        true
    }
}

pub async fn retry<F, A>(port: &'static str, mut attempt: A) -> Result<(), CommitError>
where
    A: FnMut() -> F,
    F: Future<Output = Attempt>,
{
    let mut backoff = Backoff::default();
    loop {
        let cause = match attempt().await {
            Attempt::Done(result) => return result,
            Attempt::Clash(cause) => cause,
        };
        if !backoff.pause().await {
            return Err(Fault::busy(port, cause).into());
        }
    }
}
