//! The events that commits left: those not yet sent are in an index of their own until they are.

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use bharatmart_core::ports::{Fault, Forgets, Outbox, SENT_KEPT};
use bharatmart_core::{Event, EventId, Tenant, Timestamp};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::item::{Item, document, seconds, text, values};
use super::keys::{self, SHARDS};
use super::query::Query;
use super::shape::{BY_GROUP, BY_KIND, EVENT, IndexShape, PK};
use super::{DynamoStore, PORT, broken, fault};
use crate::aws::{Failed, call};
use crate::clash::Backoff;

/// So many events are marked at once.
const AT_ONCE: usize = 16;
/// DynamoDB's limit of a BatchGetItem.
const MOST_KEYS: usize = 100;

#[async_trait]
impl Outbox for DynamoStore {
    async fn unsent(&self, before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault> {
        let below = Some(keys::moment(before));
        let mut events = self.gather(&BY_GROUP, keys::unsent, below, false, limit).await?;
        events.sort_unstable_by_key(|event| (event.time, event.id));
        events.truncate(limit);
        Ok(events)
    }

    async fn mark_sent(&self, events: &[Event]) -> Result<(), Fault> {
        let marks: Vec<_> = events.iter().map(|event| self.mark(event)).collect();
        stream::iter(marks).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn applied(
        &self,
        tenant: &Tenant,
        consumer: &'static str,
        events: &[EventId],
    ) -> Result<Vec<EventId>, Fault> {
        let mut applied = Vec::new();
        for events in events.chunks(MOST_KEYS) {
            let keys = events.iter().map(|event| keys::applied(tenant, consumer, *event).item()).collect();
            let marks = self.present(keys).await?;
            let marks = marks.iter().map(|mark| text(mark, PK)).collect::<Result<Vec<_>, _>>()?;
            let marked = |event: &&EventId| marks.contains(&keys::applied(tenant, consumer, **event).pk.as_str());
            applied.extend(events.iter().filter(marked).copied());
        }
        Ok(applied)
    }

    async fn newest_events(&self, limit: usize) -> Result<Vec<Event>, Fault> {
        let mut events = self.gather(&BY_KIND, keys::events, None, true, limit).await?;
        events.sort_unstable_by_key(|event| std::cmp::Reverse((event.time, event.id)));
        events.truncate(limit);
        Ok(events)
    }
}

/// The table's time to live does it: each row that has an end carries it.
#[async_trait]
impl Forgets for DynamoStore {
    async fn forget(&self, _: Timestamp, _: usize) -> Result<usize, Fault> {
        Ok(0)
    }
}

impl DynamoStore {
    /// At most `limit` of each shard.
    async fn gather(
        &self,
        index: &'static IndexShape,
        partition: fn(u8) -> String,
        below: Option<String>,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<Event>, Fault> {
        let shards = (0..SHARDS).map(|shard| {
            let (index, partition) = (Some(index), partition(shard));
            self.query(Query { index, partition, below: below.clone(), beginning: None, descending, limit })
        });
        let rows = try_join_all(shards).await?;
        rows.iter().flatten().map(|row| document(row, EVENT)).collect()
    }

    /// Takes the event out of the index of unsent ones.
    async fn mark(&self, event: &Event) -> Result<(), Fault> {
        let key = keys::event(event).item();
        let expires_at = values([(":expires_at", seconds(event.time.after(SENT_KEPT)))]);
        let update = || {
            let update = self.client.update_item().table_name(&self.table).set_key(Some(key.clone()));
            update
                .condition_expression("attribute_exists(pk)")
                .update_expression("SET expires_at = :expires_at REMOVE group_pk, group_sk")
                .set_expression_attribute_values(expires_at.clone())
                .send()
        };
        match call(&self.dependency, update).await {
            Ok(_) | Err(Failed::Told(UpdateItemError::ConditionalCheckFailedException(_), _)) => Ok(()),
            Err(failed) => Err(fault(failed)),
        }
    }

    /// Those of at most a hundred keys that are there.
    async fn present(&self, keys: Vec<Item>) -> Result<Vec<Item>, Fault> {
        let mut present = Vec::new();
        let mut wanted = keys;
        let mut backoff = Backoff::default();
        loop {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .projection_expression("pk, sk")
                .build()
                .map_err(broken)?;
            let get = || self.client.batch_get_item().request_items(&self.table, keys.clone()).send();
            let answer = call(&self.dependency, get).await.map_err(fault)?;
            present.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            let left = answer.unprocessed_keys.into_iter().flatten();
            wanted = left.flat_map(|(_, keys)| keys.keys).collect();
            if wanted.is_empty() {
                return Ok(present);
            }
            if !(self.dependency.may_retry() && backoff.pause().await) {
                return Err(Fault::busy(PORT, "keys are left unprocessed"));
            }
        }
    }
}
