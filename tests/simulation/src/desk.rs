//! Where a request or a worker does its work: the store as the shop's functions have it, which sends the events of each
//! commit at once, and knows what becomes of the idempotency key of the request. As the runtime does it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::Levels;
use bharatmart_core::orders::Till;
use bharatmart_core::ports::{
    Answer, Answered, CommitError, Commits, Counted, Fault, Fence, IdempotencyKey, Message, Store,
};
use bharatmart_core::queues::Queue;
use bharatmart_core::record::{Document, Kind, Listing, Record, Row};
use bharatmart_core::{CategoryId, Changes, Event, ProductId, RecordKey, Sku, Tenant, Timestamp};

use crate::shop::Shop;
use crate::through::reads_through;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

pub struct Desk<'a> {
    pub shop: &'a Shop,
    by: Actor,
    store: Arc<dyn Store>,
    pub key: Option<(IdempotencyKey, Fence)>,
    /// Its request was committed, or may have been.
    keeps_key: AtomicBool,
}

impl<'a> Desk<'a> {
    pub fn new(shop: &'a Shop, by: Actor) -> Self {
        Desk { shop, by, store: shop.store.clone(), key: None, keeps_key: AtomicBool::new(false) }
    }

    pub fn till(&self) -> Till<'_> {
        Till { hand: self.shop.hand(self.by), store: self }
    }

    /// The answer a commit leaves behind for the key this request came with.
    pub fn answered(&self, status: u16, body: String) -> Option<Answered> {
        let (key, fence) = self.key.clone()?;
        let expires_at = self.shop.clock.now().after(KEPT);
        Some(Answered { key, fence, answer: Answer { status, headers: Vec::new(), body }, expires_at })
    }

    /// Frees the key, unless its request was committed or nobody knows.
    pub async fn settle(&self) {
        let Some((key, fence)) = &self.key else { return };
        if !self.keeps_key.load(Ordering::Relaxed) {
            // If it cannot be freed its lease runs out.
            let _freed = self.shop.store.free_key(&self.shop.tenant, key, *fence).await;
        }
    }

    pub async fn find<R: Record>(&self, key: &RecordKey) -> Result<Option<R>, Fault> {
        let found = self.shop.store.record(&self.shop.tenant, R::KIND, key).await?;
        found.map(Row::record).transpose()
    }

    pub async fn list<R: Record>(&self, listing: Listing<'_>, most: usize) -> Result<Vec<R>, Fault> {
        let found = self.shop.store.records(&self.shop.tenant, R::KIND, listing, None, most).await?;
        found.into_iter().map(Row::record).collect()
    }
}

#[async_trait]
impl Commits for Desk<'_> {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let (events, answers) = (changes.events.clone(), changes.answer.is_some());
        let outcome = self.shop.store.commit(changes).await;
        let unknown = matches!(outcome, Err(CommitError::Fault(Fault::Away { .. } | Fault::Broken { .. })));
        if unknown || (answers && outcome.is_ok()) {
            self.keeps_key.store(true, Ordering::Relaxed);
        }
        outcome?;
        // What is not sent is the sweeper's.
        let _sent = try_send(self.shop, &events).await;
        Ok(())
    }
}

reads_through! { Desk<'_> => store }

/// Sends each event to every queue that must hear of it, then marks them sent.
pub async fn try_send(shop: &Shop, events: &[Event]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let mut by_queue: BTreeMap<&'static str, (&'static Queue, Vec<Message>)> = BTreeMap::new();
    for event in events {
        for target in event.kind.queues() {
            by_queue.entry(target.name).or_insert_with(|| (*target, Vec::new())).1.push(message(event)?);
        }
    }
    for (target, messages) in by_queue.into_values() {
        shop.queue.send(target, &messages).await?;
    }
    shop.store.mark_sent(events).await
}

fn message(event: &Event) -> Result<Message, Fault> {
    let body = serde_json::to_string(event).map_err(|error| Fault::broken("outbox", error))?;
    Ok(Message { id: event.id.to_string(), body, traceparent: None, delay: event.kind.delay() })
}
