//! Sends the events of a commit at once. What a crash left unsent stays in the store's outbox, for the sweeper.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::budget;
use bharatmart_adapters::clash::Budgeted;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{CommitError, Commits, Fault, Queueing, Records, Store};
use bharatmart_core::record::{Document, Kind, Listing, RecordKey};
use bharatmart_core::{Changes, Event, Tenant, outbox};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::App;

const SENDING: Duration = Duration::from_secs(1);

/// In a Lambda events go out before the answer does, since the process may be frozen right after it. A process that
/// lives on sends them behind the answer, many at once.
pub struct Publisher(Mutex<Option<Background>>);

struct Background {
    events: mpsc::UnboundedSender<Event>,
    task: JoinHandle<()>,
}

impl Publisher {
    pub(crate) fn inline() -> Self {
        Publisher(Mutex::new(None))
    }

    pub(crate) async fn publish(&self, app: &App, events: Vec<Event>) {
        let left = match self.0.lock() {
            Ok(background) => match background.as_ref() {
                Some(background) => {
                    events.into_iter().filter_map(|event| background.events.send(event).err()).map(|e| e.0).collect()
                }
                None => events,
            },
            Err(_) => events,
        };
        if let (Some(store), false) = (&app.store, left.is_empty()) {
            // The customer is waiting: what takes longer is the sweeper's.
            let limit = SENDING.min(budget::remaining() / 4);
            let work = budget::within(limit, send(store.as_ref(), app.queue.as_deref(), &left));
            if tokio::time::timeout(limit, work).await.is_err() {
                tracing::warn!(events = left.len(), "sending took too long; the sweeper will");
            }
        }
    }

    /// Waits until all that was handed over is sent.
    pub(crate) async fn drain(&self) {
        let background = self.0.lock().ok().and_then(|mut background| background.take());
        if let Some(Background { events, task }) = background {
            drop(events);
            let _ended = tokio::time::timeout(Duration::from_secs(5), task).await;
        }
    }
}

impl App {
    /// For a process that lives on between requests.
    pub fn send_events_in_background(&self) {
        let (Some(store), queue) = (self.store.clone(), self.queue.clone()) else { return };
        let (events, mut waiting) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, 100).await > 0 {
                send(store.as_ref(), queue.as_deref(), &batch).await;
                batch.clear();
            }
        });
        if let Ok(mut background) = self.publisher.0.lock() {
            *background = Some(Background { events, task });
        }
    }
}

async fn send(store: &dyn Store, queue: Option<&dyn Queueing>, events: &[Event]) {
    // Without queues they stay unsent.
    let Some(queue) = queue else { return };
    if let Err(fault) = outbox::send(store, queue, events).await {
        tracing::warn!(error = %fault, events = events.len(), "events were not sent; the sweeper will");
    }
}

/// A store that sends the events of each commit: for whoever keeps something in the shop's store beside the shop.
pub(crate) struct Telling {
    pub store: Arc<dyn Store>,
    pub queue: Option<Arc<dyn Queueing>>,
}

#[async_trait]
impl Commits for Telling {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let events = changes.events.clone();
        self.store.commit(changes).await?;
        if !events.is_empty() {
            send(self.store.as_ref(), self.queue.as_deref(), &events).await;
        }
        Ok(())
    }
}

#[async_trait]
impl Records for Telling {
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault> {
        self.store.record(tenant, kind, key).await
    }

    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        self.store.records(tenant, kind, listing, before, limit).await
    }

    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault> {
        self.store.counted(tenant, counter).await
    }

    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        self.store.owner(tenant, claim, name).await
    }
}

/// The sweeper's part: events that were committed a while ago and are not sent. Without queues they stay so.
pub async fn sweep(app: &Arc<App>, older_than: Duration) -> Result<usize, Fault> {
    let Some(queue) = app.queue.as_deref() else { return Ok(0) };
    let swept = outbox::sweep(app.store()?, queue, app.clock.as_ref(), &Budgeted, older_than).await?;
    for (event, fault) in swept.stuck {
        tracing::error!(%event, error = %fault, "an event cannot be sent");
    }
    Ok(swept.sent)
}

#[cfg(test)]
mod tests {
    use bharatmart_adapters::memory::{MemoryQueueing, MemoryStore};
    use bharatmart_adapters::system::System;
    use bharatmart_core::catalog::ProductTold;
    use bharatmart_core::ports::{Clock, Message, Outbox, Received, Waiting};
    use bharatmart_core::queues::Queue;
    use bharatmart_core::{EventKind, ProductId};

    use super::*;
    use crate::config::Config;

    /// Cannot take what is about a product of this name, ever.
    struct Picky(MemoryQueueing);

    const HATED: &str = "hated";

    #[async_trait]
    impl Queueing for Picky {
        async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
            match messages.iter().any(|message| message.body.contains(HATED)) {
                true => Err(Fault::broken("queue", "too large")),
                false => self.0.send(queue, messages).await,
            }
        }

        async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
            self.0.receive(queue, most, wait).await
        }

        async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
            self.0.done(queue, receipt).await
        }

        async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
            self.0.retry(queue, receipt, wait).await
        }

        async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
            self.0.waiting(queue).await
        }

        async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
            self.0.dead_letters(queue, most).await
        }

        async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
            self.0.redrive(queue).await
        }

        async fn probe(&self) -> Result<(), Fault> {
            self.0.probe().await
        }
    }

    #[tokio::test]
    async fn events_that_cannot_be_sent_keep_no_other_from_it_however_many_there_are() {
        let settings = vec![("APP_ENV".to_owned(), "test".to_owned())];
        let mut app = App::open(Arc::new(Config::read(settings).unwrap()), &[]).await.unwrap();
        let store = Arc::new(MemoryStore::new());
        app.store = Some(store.clone());
        app.queue = Some(Arc::new(Picky(MemoryQueueing::new(app.clock.clone()))));
        let main = Tenant::main();
        let event = |name: &str, age: u64| {
            let told = ProductTold { product_id: ProductId::new(&System), version: 1 };
            let event = Event::new(EventKind::ProductChanged, &main, name.to_owned(), &told, &System, &System);
            Event { time: event.time.before(Duration::from_secs(age)), ..event }
        };
        let (hated, good): (Vec<_>, Vec<_>) =
            ((0..250).map(|_| event(HATED, 600)).collect(), (0..120).map(|_| event("tea", 60)).collect());
        for event in hated.iter().chain(&good) {
            store.commit(Changes::new(&main).event(event.clone())).await.unwrap();
        }
        assert_eq!(sweep(&Arc::new(app), Duration::ZERO).await.unwrap(), good.len());
        let left = store.unsent(System.now(), 1_000).await.unwrap();
        assert_eq!(left.len(), hated.len());
        assert!(left.iter().all(|event| event.subject == HATED));
    }
}
