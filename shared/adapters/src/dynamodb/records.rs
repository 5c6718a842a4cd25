//! Records by their key, and listed: those gathered under one value from the table, the others from an index that holds
//! them whole. And what commits have counted, and who holds a name.

use async_trait::async_trait;
use bharatmart_core::Tenant;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{Fault, Records};
use bharatmart_core::record::{Document, Kind, Listing, RecordKey};
use futures_util::future::try_join_all;

use super::item::{document, number, text};
use super::keys::{self, SHARDS};
use super::query::Query;
use super::shape::{BY_GROUP, BY_KIND, RECORD, SK};
use super::{DynamoStore, broken};

#[async_trait]
impl Records for DynamoStore {
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault> {
        let key = keys::record(tenant, kind, key);
        if !key.can_be() {
            return Ok(None);
        }
        self.get(key).await?.map(|item| document(&item, RECORD)).transpose()
    }

    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        let (index, partitions) = match listing {
            Listing::Within(value) if kind.within.is_some() => (None, vec![keys::records_within(tenant, kind, value)]),
            Listing::By(value) if kind.listed_by.is_some() => {
                (Some(&BY_GROUP), vec![keys::records_by(tenant, kind, value)])
            }
            Listing::All if kind.listed => {
                (Some(&BY_KIND), (0..SHARDS).map(|shard| keys::records_of(tenant, kind, shard)).collect())
            }
            _ => return Err(broken(format_args!("{listing:?} is no listing of {}", kind.name))),
        };
        // Nothing is below the empty text, and DynamoDB refuses to compare a key with it.
        if before == Some("") || !partitions.iter().all(|partition| keys::can_be_partition(partition)) {
            return Ok(Vec::new());
        }
        let shards = partitions.into_iter().map(|partition| {
            let below = before.map(str::to_owned);
            self.query(Query { index, partition, below, beginning: None, descending: true, limit })
        });
        let rows = try_join_all(shards).await?;
        let sort_key = index.map_or(SK, |index| index.sort_key);
        let rows = rows.iter().flatten().map(|row| Ok((text(row, sort_key)?, row)));
        let mut rows = rows.collect::<Result<Vec<_>, Fault>>()?;
        rows.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        rows.into_iter().take(limit).map(|(_, row)| document(row, RECORD)).collect()
    }

    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault> {
        let key = keys::counter(tenant, counter);
        if !key.can_be() {
            return Ok(0);
        }
        self.get(key).await?.map_or(Ok(0), |item| number(&item, "tally"))
    }

    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        let key = keys::claim(tenant, claim, name);
        if !key.can_be() {
            return Ok(None);
        }
        let claim = self.get(key).await?;
        claim.map(|claim| text(&claim, "held_by").map(str::to_owned)).transpose()
    }
}
