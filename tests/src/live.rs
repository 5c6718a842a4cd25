//! Waiting for a condition, in place of sleeping and hoping.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks until the answer is yes; panics after ten seconds, with `what` never came true.
pub async fn eventually<F, A>(what: &str, ask: A)
where
    A: FnMut() -> F,
    F: Future<Output = bool>,
{
    assert!(within(Duration::from_secs(10), ask).await, "within ten seconds it did not come true that {what}");
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
