//! A clash that may pass (a transaction conflict, a serialization failure, a locked file) is tried again with full
//! jitter inside the caller's budget; one that lasts is `Fault::Busy`.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{CommitError, Fault, Patience};
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
    /// As long as after so many pauses.
    pub fn after(pauses: u32) -> Self {
        Backoff { ceiling: FIRST.saturating_mul(1_u32.checked_shl(pauses).unwrap_or(u32::MAX)).min(LONGEST) }
    }

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

/// Of whoever works within a budget.
pub struct Budgeted;

#[async_trait]
impl Patience for Budgeted {
    fn left(&self) -> Duration {
        budget::remaining()
    }

    async fn pause(&self, clashes: u32) -> bool {
        Backoff::after(clashes).pause().await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_pauses_for_longer_than_the_caller_waits() {
        let soon = MARGIN / 2;
        assert!(!budget::within(soon, Backoff::default().pause()).await);
        assert!(budget::within(Duration::from_secs(5), Backoff::default().pause()).await);
    }

    #[test]
    fn pauses_grow_and_have_an_end() {
        let ceilings = [0, 1, 2, 31, 32, u32::MAX].map(|pauses| Backoff::after(pauses).ceiling);
        assert_eq!(ceilings, [FIRST, FIRST * 2, FIRST * 4, LONGEST, LONGEST, LONGEST]);
    }
}
