//! Sending the events of commits to the queues that must hear of them, at once or when a crash left them unsent.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::event::Event;
use crate::ids::EventId;
use crate::ports::{Clock, Fault, Message, Outbox, Patience, Queueing};
use crate::queues::Queue;

/// Sends each event to every queue that must hear of it, then marks them sent.
pub async fn send(store: &dyn Outbox, queue: &dyn Queueing, events: &[Event]) -> Result<(), Fault> {
    let mut by_queue: BTreeMap<&'static str, (&'static Queue, Vec<Message>)> = BTreeMap::new();
    for event in events {
        for target in event.kind.queues() {
            by_queue.entry(target.name).or_insert_with(|| (target, Vec::new())).1.push(message(event)?);
        }
    }
    for (target, messages) in by_queue.into_values() {
        queue.send(target, &messages).await?;
    }
    store.mark_sent(events).await
}

fn message(event: &Event) -> Result<Message, Fault> {
    let body = serde_json::to_string(event).map_err(|error| Fault::broken("outbox", error))?;
    Ok(Message { id: event.id.to_string(), body, traceparent: event.traceparent.clone(), delay: event.kind.delay() })
}

/// An event younger than this is being sent by its own request.
pub const OLDER_THAN: Duration = Duration::from_secs(10);

/// What a sweep came to.
#[derive(Default)]
pub struct Swept {
    pub sent: usize,
    /// Events that cannot be sent.
    pub stuck: Vec<(EventId, Fault)>,
}

/// The sweeper's part: events that were committed a while ago and are not sent. One that cannot be sent keeps no other
/// from it, however many there are: each is asked for once in a sweep.
pub async fn sweep(
    store: &dyn Outbox,
    queue: &dyn Queueing,
    clock: &dyn Clock,
    patience: &dyn Patience,
    older_than: Duration,
) -> Result<Swept, Fault> {
    const BATCH: usize = 100;
    let (mut swept, mut tried) = (Swept::default(), HashSet::new());
    let before = clock.now().before(older_than);
    let mut more = true;
    while more && !patience.left().is_zero() {
        let most = tried.len() + BATCH;
        let mut events = store.unsent(before, most).await?;
        more = events.len() == most;
        // What was sent may be listed for a moment longer.
        events.retain(|event| tried.insert(event.id));
        if events.is_empty() {
            break;
        }
        match send(store, queue, &events).await {
            Err(Fault::Broken { .. }) => {
                for event in &events {
                    match send(store, queue, std::slice::from_ref(event)).await {
                        Ok(()) => swept.sent += 1,
                        Err(fault) => swept.stuck.push((event.id, fault)),
                    }
                }
            }
            outcome => {
                outcome?;
                swept.sent += events.len();
            }
        }
    }
    Ok(swept)
}
