//! The store: reads by aggregate, one door for writing, and the small records that keep work from being done twice.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Counted, Fault};
use crate::catalog::{Category, ProductRef, StockedProduct};
use crate::changes::{Changes, ClaimKind, Malformed, Refusal};
use crate::event::Event;
use crate::ids::{CategoryId, EventId, ProductId};
use crate::inventory::Levels;
use crate::record::{Document, Kind, Listing, RecordKey};
use crate::tenant::Tenant;
use crate::text::Sku;
use crate::time::Timestamp;

/// Everything a store can do. Functions are given the whole, and declare which part they use.
pub trait Store: TillStore + IdempotencyKeys + Leases + Outbox + Forgets + Probe {}
impl<T: TillStore + IdempotencyKeys + Leases + Outbox + Forgets + Probe> Store for T {}

/// What use cases about orders need of it.
pub trait TillStore: CatalogReads + Records + Counters + Commits {}
impl<T: CatalogReads + Records + Counters + Commits> TillStore for T {}

#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error("refused: {0}")]
    Refused(Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Refusal> for CommitError {
    fn from(refusal: Refusal) -> Self {
        CommitError::Refused(refusal)
    }
}

impl From<Malformed> for CommitError {
    fn from(malformed: Malformed) -> Self {
        CommitError::Fault(Fault::broken("store", malformed))
    }
}

#[async_trait]
pub trait Commits: Send + Sync {
    /// MUST apply all of `changes` or nothing of it, and be durable when it answers Ok.
    /// MUST call `changes.check()` first.
    /// MUST name the first failing precondition, in the order applied, answer, lease, writes; and then change nothing.
    /// MUST retry a clash that may pass, with full jitter, inside the caller's budget; then answer `Fault::Busy`.
    /// After any other fault the caller does not know whether it was applied.
    async fn commit(&self, changes: Changes) -> Result<(), CommitError>;
}

#[async_trait]
pub trait CatalogReads: Send + Sync {
    /// MUST see every commit that was answered before the call. Product and stock come in one round trip
    /// (a slug on DynamoDB takes two).
    async fn product(&self, tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault>;

    /// Those of `ids` that exist, in any order. MUST see every commit that was answered before the call.
    async fn products(&self, tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault>;

    /// The ids of at most `limit` products of every status, newest first (by id, descending), below `before`; of some
    /// categories together, each named once, or of all. MUST NOT ask for one category after another. MAY lag behind
    /// commits by seconds.
    async fn newest_products(
        &self,
        tenant: &Tenant,
        of: Option<&[CategoryId]>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<ProductId>, Fault>;

    /// All categories, by position and then slug.
    async fn categories(&self, tenant: &Tenant) -> Result<Vec<Category>, Fault>;

    /// The stock of a SKU at each location, in one round trip; `None` when it has no row. MUST see every commit that was
    /// answered before the call.
    async fn stock(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault>;

    /// Every tenant that has a category or a product; for rebuilding the index.
    async fn tenants(&self) -> Result<Vec<Tenant>, Fault>;
}

/// Reading what is kept as records. Which record is live the caller decides by its `expires_at`.
#[async_trait]
pub trait Records: Send + Sync {
    /// MUST see every commit that was answered before the call.
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault>;

    /// At most `limit` records by id, descending, below `before`. A listing the kind does not have is `Fault::Broken`.
    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault>;

    /// What commits have counted under this name with `Write::Count`; 0 when none has. MUST see every commit that was
    /// answered before the call.
    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault>;

    /// Who holds a name. MUST see every commit that was answered before the call.
    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault>;
}

/// Counting within a window of time, where a lost count would let somebody guess on: durable as a commit is.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Adds to a counter and tells its value; by 0 only looks. MUST lose no count among concurrent callers. The window
    /// starts with the first count and is not prolonged by later ones; past its end the counter is at nought.
    async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault>;

    /// The counter is at nought afterwards.
    async fn reset(&self, tenant: &Tenant, counter: &str) -> Result<(), Fault>;
}

/// Grows with each new owner of a key or lease, so that a stalled owner can be told from the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

/// Already scoped to who sent it: `<caller>/<route>/<key>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(pub String);

/// An answer as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The answer a commit leaves behind for its key. MUST be refused as `FenceLost(key)` unless the key is still claimed
/// under `fence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub key: IdempotencyKey,
    pub fence: Fence,
    pub answer: Answer,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyClaim {
    /// The caller owns the key now, under this fence.
    Mine(Fence),
    /// Another owner's lease runs until then.
    Running { until: Timestamp },
    /// Answered before; this was the answer.
    Answered(Answer),
    /// The key was used for another request.
    AnotherRequest,
}

#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// MUST give the key to exactly one of any number of callers at once. A record whose `expires_at` or lease has
    /// passed is as good as absent, but the fence MUST still grow, also when the record was forgotten. A live record with another `request` hash answers
    /// `AnotherRequest`, running or answered.
    async fn claim_key(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault>;

    /// Frees a key that was claimed under `fence` and not answered. MUST do nothing when the fence is another's.
    async fn free_key(&self, tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault>;
}

/// Leases belong to the deployment, not to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseName(pub &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub fence: Fence,
    pub until: Timestamp,
}

#[async_trait]
pub trait Leases: Send + Sync {
    /// MUST give a lease to at most one owner at a time; `None` while another's runs. Asked again by the same owner
    /// it is prolonged under the same fence; a new owner gets a greater fence.
    async fn take_lease(
        &self,
        name: LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Fault>;

    /// MUST do nothing when the fence is another's. The fence goes on growing afterwards.
    async fn release_lease(&self, name: LeaseName, fence: Fence) -> Result<(), Fault>;
}

#[async_trait]
pub trait Outbox: Send + Sync {
    /// Events committed before `before` and not yet marked sent, oldest first, of all tenants.
    async fn unsent(&self, before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault>;

    /// MAY be repeated; an unknown event is passed over.
    async fn mark_sent(&self, events: &[Event]) -> Result<(), Fault>;

    /// Which of `events` this consumer has already applied.
    async fn applied(&self, tenant: &Tenant, consumer: &'static str, events: &[EventId])
    -> Result<Vec<EventId>, Fault>;

    /// The newest events of all tenants, for looking at.
    async fn newest_events(&self, limit: usize) -> Result<Vec<Event>, Fault>;
}

/// A sent event is kept so long, for whoever looks into what happened.
pub const SENT_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

#[async_trait]
pub trait Forgets: Send + Sync {
    /// Takes away rows whose life was over before `before`: keys, marks of the inbox, windows and records that held until
    /// then, and events that were sent and are older by `SENT_KEPT`; at most `limit` of each kind. Answers how many. MUST
    /// find them without looking at those that live, and MUST NOT take what was given a longer life meanwhile. A store
    /// that tidies by a time to live of its own answers 0.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault>;
}

#[async_trait]
pub trait Probe: Send + Sync {
    /// MUST make one real round trip.
    async fn probe(&self) -> Result<(), Fault>;
}
