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

/// One product as it is found. `shown` is its JSON in a list, ready to go out: an object that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchDoc {
    pub tenant: Tenant,
    pub id: ProductId,
    pub version: u64,
    pub slug: Slug,
    pub name: String,
    pub brand: String,
    pub category: Slug,
    pub category_name: String,
    pub description: String,
    /// Words that describe it besides: of its attributes and of its variants' options.
    pub details: Vec<String>,
    pub tags: Vec<String>,
    pub price: Paise,
    pub in_stock: bool,
    pub featured: bool,
    /// Tenths of a star, 0 to 50.
    pub rating: u16,
    /// How much customers have taken to it. Of two that match alike the more popular comes first.
    pub popularity: u64,
    pub created_at: Timestamp,
    pub shown: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    pub tenant: Tenant,
    pub text: Option<String>,
    /// In any of these; of every category when there are none.
    pub categories: Vec<Slug>,
    /// As it is written on the product, but for case and accents.
    pub brand: Option<String>,
    pub tag: Option<String>,
    pub least_price: Option<Paise>,
    pub most_price: Option<Paise>,
    /// Tenths of a star.
    pub least_rating: Option<u16>,
    pub in_stock: bool,
    pub featured: bool,
    pub sort: SearchSort,
    pub after: Option<SortKey>,
    pub size: PageSize,
    /// Whether to count what there is of each category, brand, price, rating and stock.
    pub facets: bool,
    /// Whether to tell which words of each row were found.
    pub highlights: bool,
}

impl SearchQuery {
    /// All a shop has, newest first.
    pub fn all(tenant: &Tenant) -> Self {
        SearchQuery {
            tenant: tenant.clone(),
            text: None,
            categories: Vec::new(),
            brand: None,
            tag: None,
            least_price: None,
            most_price: None,
            least_rating: None,
            in_stock: false,
            featured: false,
            sort: SearchSort::Newest,
            after: None,
            size: PageSize::DEFAULT,
            facets: false,
            highlights: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchSort {
    /// How well the words match, then by popularity. Without words, by popularity.
    Relevance,
    Newest,
    PriceAsc,
    PriceDesc,
    Rating,
    /// By popularity.
    Sales,
    Name,
}

/// Where a page ended: the last row's sort key and, to tell equals apart, its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    /// Number or text, as the sort has it; the adapter's own encoding.
    pub key: String,
    pub id: ProductId,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// `shown` of each row.
    pub rows: Vec<Arc<str>>,
    /// JSON of each row's `Highlights`; none when they were not asked for.
    pub highlights: Vec<Arc<str>>,
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    pub next: Option<SortKey>,
    pub facets: Option<Facets>,
}

/// A text in pieces that make the whole when put together, so that the shop's own marks never mix with a text's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Fragment {
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Highlights {
    pub name: Vec<Fragment>,
    /// The part around what was found; nothing when that is not in the description.
    pub description: Vec<Fragment>,
}

/// How many rows there are of each kind, under all filters but the one of that kind: what another choice would bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Every category that has any.
    pub categories: Vec<(Slug, u64)>,
    /// The brands with most rows first.
    pub brands: Vec<(String, u64)>,
    pub prices: Vec<PriceBand>,
    /// At least so many tenths of a star, the best first.
    pub ratings: Vec<(u16, u64)>,
    pub in_stock: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBand {
    pub least: Paise,
    /// Inclusive; `None` when there is no end.
    pub most: Option<Paise>,
    pub count: u64,
}

/// What somebody may be about to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    Product { id: ProductId, slug: String, name: String },
    Brand(String),
    Category { slug: String, name: String },
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
    /// snapshot does not change; when it does, each row whose place in the order has not changed.
    async fn find(&self, query: &SearchQuery) -> Result<Arc<Found>, Fault>;

    /// At most `most` of the tenant's categories, brands and products that the text may become, best first.
    async fn suggest(&self, tenant: &Tenant, text: &str, most: usize) -> Result<Arc<Vec<Suggestion>>, Fault>;

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

    /// Begins a snapshot from nothing, beside the one in force, which `apply` goes on keeping up meanwhile. A later
    /// rebuild takes the place of one that was begun before.
    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, Fault>;
}

/// A snapshot that is being built. Dropped before it is published, it has changed nothing that a reader sees.
#[async_trait]
pub trait Rebuild: Send + Sync {
    /// Of one id once.
    async fn add(&mut self, docs: Vec<SearchDoc>) -> Result<(), Fault>;

    /// Ids that were applied to the snapshot in force since the rebuild began: what was read of them may be old.
    /// `Fault::Busy` when so much was, or another rebuild began, that it must begin anew.
    async fn changed(&mut self) -> Result<Vec<(Tenant, ProductId)>, Fault>;

    /// With `docs` and `gone`, read after `changed` was answered, in the place of what was added under their ids.
    /// MUST publish all that was added, or nothing; and nothing when a snapshot was published after `changed` was
    /// answered, or under a greater fence. It cannot be published a second time.
    async fn publish(
        &mut self,
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault>;
}
