//! Waiting for a condition, in place of sleeping and hoping.

use std::future::Future;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine: only what never comes is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the answer is yes; panics when it never is, with `what` did not come true.
pub async fn eventually<F, A>(what: &str, ask: A)
where
    A: FnMut() -> F,
    F: Future<Output = bool>,
{
    eventually_within(PATIENCE, what, ask).await;
}

/// The same with another patience.
pub async fn eventually_within<F, A>(patience: Duration, what: &str, ask: A)
where
    A: FnMut() -> F,
    F: Future<Output = bool>,
{
    assert!(within(patience, ask).await, "within {patience:?} it did not come true that {what}");
}

pub(crate) async fn within<F, A>(patience: Duration, mut ask: A) -> bool
where
    A: FnMut() -> F,
    F: Future<Output = bool>,
{
    let end = Instant::now() + patience;
    while Instant::now() < end {
        if ask().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
