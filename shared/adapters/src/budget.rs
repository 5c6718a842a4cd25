//! How much time the caller has left. The runtime opens a budget around each request or batch; what waits, retries or
//! calls out reads it here, so that nobody works on for a caller who has gone.

use std::future::Future;
use std::time::Duration;

use tokio::task_local;
use tokio::time::Instant;

task_local! {
    static DEADLINE: Instant;
}

/// Outside of any budget (start-up, tests): long enough for a slow disk, short enough to be noticed.
const DEFAULT: Duration = Duration::from_secs(5);

pub async fn within<F: Future>(left: Duration, work: F) -> F::Output {
    DEADLINE.scope(Instant::now() + left, work).await
}

pub fn remaining() -> Duration {
    DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now())).unwrap_or(DEFAULT)
}
