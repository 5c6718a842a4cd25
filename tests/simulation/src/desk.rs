//! Where a request or a worker does its work: the store as the shop's functions have it, which sends the events of each
//! commit at once, and knows what becomes of the idempotency key of the request. As the runtime does it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::Levels;
use bharatmart_core::once::Once;
use bharatmart_core::orders::Till;
use bharatmart_core::ports::{Answer, Answered, CommitError, Commits, Counted, Fault, Store};
use bharatmart_core::record::{Document, Kind, Listing, Record, Row};
use bharatmart_core::{Bench, CategoryId, Changes, ProductId, RecordKey, Sku, Tenant, Timestamp, outbox};

use crate::shop::Shop;
use crate::through::reads_through;

pub struct Desk<'a> {
    pub shop: &'a Shop,
    by: Actor,
    store: Arc<dyn Store>,
    /// Of a request that brought a key.
    pub once: Option<Once>,
}

impl<'a> Desk<'a> {
    pub fn new(shop: &'a Shop, by: Actor) -> Self {
        Desk { shop, by, store: shop.store.clone(), once: None }
    }

    pub fn till(&self) -> Till<'_> {
        Till { hand: self.shop.hand(self.by), store: self }
    }

    pub fn bench(&self, worker: &'static str) -> Bench<'_> {
        let Shop { clock, ids, world, .. } = self.shop;
        Bench { worker, store: self, clock: clock.as_ref(), ids: ids.as_ref(), patience: world.as_ref() }
    }

    /// The answer a commit leaves behind for the key this request came with.
    pub fn answered(&self, status: u16, body: String) -> Option<Answered> {
        Some(self.once.as_ref()?.answered(Answer { status, headers: Vec::new(), body }, self.shop.clock.now()))
    }

    pub async fn find<R: Record>(&self, key: &RecordKey) -> Result<Option<R>, Fault> {
        let found = self.shop.store.record(&self.shop.tenant, R::KIND, key).await?;
        found.map(Row::record).transpose()
    }
}

#[async_trait]
impl Commits for Desk<'_> {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let (events, answers) = (changes.events.clone(), changes.answer.is_some());
        let outcome = self.store.commit(changes).await;
        if let Some(once) = self.once.as_ref().filter(|_| answers) {
            once.hear(&outcome);
        }
        outcome?;
        if !events.is_empty() {
            // What is not sent is the sweeper's.
            let _sent = outbox::send(self.store.as_ref(), self.shop.queue.as_ref(), &events).await;
        }
        Ok(())
    }
}

reads_through! { Desk<'_> => store }
