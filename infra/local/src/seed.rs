//! Fills a shop that is empty, and has all of it indexed before anyone may look: whoever comes first sees the whole
//! shop, not the first ten products of it.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::ports::{Fault, Message, Received};
use bharatmart_core::{Event, Tenant};
use bharatmart_runtime::{App, Job, Worker, outbox};
use bharatmart_seed::SeedError;

use crate::backend::Backend;
use crate::sources;

/// More events than a seed causes.
const MOST_EVENTS: usize = 10_000;
/// As many as a worker can mark as applied in one commit, with room for what else it commits.
const BATCH: usize = bharatmart_core::changes::MAX_ITEMS - 20;
/// A reader looks for a new snapshot every so often; it is waited for this long.
const FOUND_WITHIN: Duration = Duration::from_secs(5);

pub async fn seed(app: &Arc<App>, backend: &Backend, workers: &[&'static Worker]) -> Result<(), SeedError> {
    let ports = app.ports();
    let (Some(store), Some(blobs)) = (ports.store, ports.blobs) else { return Ok(()) };
    let tenant = Tenant::main();
    if !store.categories(&tenant).await?.is_empty() {
        return Ok(());
    }
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    let seeded = bharatmart_seed::seed(store.as_ref(), blobs.as_ref(), &tenant, clock, ids).await?;
    tracing::info!(categories = seeded.categories, products = seeded.products, "seeded the shop");

    let events = store.unsent(clock.now().after(Duration::from_secs(1)), MOST_EVENTS).await?;
    if work_off(app, backend, workers, &events).await {
        store.mark_sent(&events).await?;
        found(app).await;
    } else {
        // The usual way then: by the queue.
        outbox::sweep(app, Duration::ZERO).await?;
    }
    Ok(())
}

/// Gives each worker its events in large batches; answers whether all of it was done.
async fn work_off(app: &App, backend: &Backend, workers: &[&'static Worker], events: &[Event]) -> bool {
    for worker in workers {
        let Job::Queue { queue, .. } = &worker.job else { continue };
        let received: Result<Vec<_>, _> = events
            .iter()
            .filter(|event| event.kind.queues().iter().any(|of| of.name == queue.name))
            .map(|event| delivery(event, app))
            .collect();
        let Ok(received) = received else { return false };
        if let Err(why) = backend.ready(worker).await {
            tracing::warn!(function = worker.name, why, "the seed waits in the queue for its worker");
            return false;
        }
        for batch in received.chunks(BATCH) {
            match backend.batch(worker, sources::event(queue, batch)).await {
                Ok(answer) if answer.batch_item_failures.is_empty() => {}
                answer => {
                    tracing::warn!(function = worker.name, ?answer, "the seed goes to this worker by its queue");
                    return false;
                }
            }
        }
    }
    true
}

fn delivery(event: &Event, app: &App) -> Result<Received, Fault> {
    let body = serde_json::to_string(event).map_err(|error| Fault::broken("seed", error))?;
    let message = Message { id: event.id.to_string(), body, traceparent: None, delay: Duration::ZERO };
    Ok(Received { message, receipt: String::new(), receives: 1, sent_at: app.clock.now() })
}

/// Until the readers of this process see what was indexed.
async fn found(app: &App) {
    let Some(search) = app.ports().search else { return };
    let seen = async {
        while !matches!(search.snapshot().await, Ok(Some(_))) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(FOUND_WITHIN, seen).await.is_err() {
        tracing::warn!("the search index is not there yet");
    }
}
