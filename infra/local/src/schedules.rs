//! Schedules, as EventBridge has them: each worker every so often, never two of one at once.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_runtime::{App, Job, Worker};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::backend::Backend;
use crate::pause::pause;

/// Several machines that start together do not tick together.
const MOST_JITTER: Duration = Duration::from_secs(10);

pub fn start(
    tasks: &mut JoinSet<()>,
    app: &Arc<App>,
    backend: &Arc<Backend>,
    workers: &[&'static Worker],
    stop: &watch::Receiver<bool>,
) {
    for worker in workers {
        if let Job::Schedule { every, .. } = &worker.job {
            tasks.spawn(run(app.clone(), backend.clone(), worker, *every, stop.clone()));
        }
    }
}

async fn run(
    app: Arc<App>,
    backend: Arc<Backend>,
    worker: &'static Worker,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let jitter = app.random.below(every.min(MOST_JITTER).as_millis() as u64);
    let mut next = Instant::now() + Duration::from_millis(jitter);
    while pause(next.saturating_duration_since(Instant::now()), &mut stop).await {
        let begun = Instant::now();
        if let Err(reason) = backend.tick(&app, worker).await {
            tracing::error!(function = worker.name, reason, "a schedule's worker failed");
        }
        // One that took longer than its turn goes again at once, and drops the turns it missed.
        next = begun + every;
    }
}
