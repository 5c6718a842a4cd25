//! The search index answers lists with filters, facets and sorts. It has one writer, which publishes whole snapshots;
//! readers swap to a new one without a pause.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Fault, Fence};
use crate::cursor::PageSize;
use crate::ids::ProductId;
use crate::money::Paise;
use crate::tenant::Tenant;
use crate::text::Slug;
use crate::time::Timestamp;

/// One product as it is found. `shown` is its JSON in a list, ready to go out.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchDoc {
    pub tenant: Tenant,
    pub id: ProductId,
    pub version: u64,
    pub name: String,
    pub brand: String,
    pub category: Slug,
    pub category_name: String,
    pub description: String,
    pub tags: Vec<String>,
    pub price: Paise,
    pub in_stock: bool,
    /// Tenths of a star, 0 to 50.
    pub rating: u16,
    pub created_at: Timestamp,
    pub shown: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    pub tenant: Tenant,
    pub text: Option<String>,
    pub category: Option<Slug>,
    pub tag: Option<String>,
    pub least_price: Option<Paise>,
    pub most_price: Option<Paise>,
    pub in_stock: bool,
    pub sort: SearchSort,
    pub after: Option<SortKey>,
    pub size: PageSize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchSort {
    Relevance,
    Newest,
    PriceAsc,
    PriceDesc,
    Rating,
    Name,
}

/// Where a page ended: the last row's sort key and, to tell equals apart, its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    /// Number or text, as the sort has it; the adapter's own encoding.
    pub key: String,
    pub id: ProductId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// `shown` of each row.
    pub rows: Vec<Arc<str>>,
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    pub next: Option<SortKey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Names the snapshot; another content has another name.
    pub name: String,
    pub fence: Fence,
    pub documents: u64,
    pub published_at: Timestamp,
}

#[async_trait]
pub trait Search: Send + Sync {
    /// MUST answer from one snapshot: never half of one and half of another.
    /// MUST return only the tenant's rows. Walking `next` to its end returns each matching row once while the
    /// snapshot does not change.
    async fn find(&self, query: &SearchQuery) -> Result<Arc<Found>, Fault>;

    /// The snapshot in force, `None` when none was ever published.
    async fn snapshot(&self) -> Result<Option<SnapshotInfo>, Fault>;
}

/// The writer's side. One writer at a time: whoever holds the lease, under its fence.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Puts `docs` in the place of what was known under their ids, takes `gone` out, and publishes the whole as a new
    /// snapshot. MUST NOT replace a newer version of a document by an older one. MUST answer a fault, and publish
    /// nothing, when a snapshot was published under a greater fence. Repeating a call changes nothing.
    async fn apply(
        &self,
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault>;

    /// As `apply`, from an empty index.
    async fn rebuild(&self, fence: Fence, docs: Vec<SearchDoc>, now: Timestamp) -> Result<SnapshotInfo, Fault>;
}
