//! Waiting for a condition, in place of sleeping and hoping.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks until the answer is yes; panics after ten seconds, with `what` never came true.
pub async fn eventually<F, A>(what: &str, ask: A)
where
    A: FnMut() -> F,
    F: Future<Output = bool>,
{
    eventually_within(Duration::from_secs(10), what, ask).await;
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
