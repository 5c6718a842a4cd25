//! What the shop needs from the world: small traits by capability. Each method's doc says what an adapter MUST keep;
//! the conformance suites hold every adapter to it.

mod blobs;
mod cache;
mod messages;
mod payments;
mod queue;
mod search;
mod secrets;
mod store;
mod vault;
mod world;

pub use blobs::{Blob, Blobs, Etag, PutRefused};
pub use cache::{Cache, Counted};
pub use messages::{Channel, Message as Letter, Messages};
pub use payments::{Charge, Charged, Heard, PaymentProvider};
pub use queue::{Message, Queueing, Received, Waiting};
pub use search::{
    Facets, Found, Fragment, Highlights, PriceBand, Rebuild, Search, SearchDoc, SearchIndex, SearchQuery, SearchSort,
    SnapshotInfo, SortKey, Suggestion,
};
pub use secrets::{Secret, Secrets};
pub use store::{
    Answer, Answered, CatalogReads, CommitError, Commits, Counters, Fence, Forgets, IdempotencyKey, IdempotencyKeys,
    KeyClaim, Lease, LeaseName, Leases, Outbox, Probe, Records, SENT_KEPT, Store, TillStore,
};
pub use vault::{Vault, VaultError};
pub use world::{Clock, Ids, Patience, Random};

/// Why a port could not do what it was asked. What a customer may hear of it is the runtime's to say.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The other side is away or too slow; it may be back in a moment.
    #[error("{port} is away: {cause}")]
    Away { port: &'static str, cause: String },
    /// Others want the same rows; retried until the caller's deadline left no time.
    #[error("{port} is busy: {cause}")]
    Busy { port: &'static str, cause: String },
    /// A mistake of ours, or data that cannot be read. Trying again will not help.
    #[error("{port} is broken: {cause}")]
    Broken { port: &'static str, cause: String },
}

impl Fault {
    pub fn away(port: &'static str, cause: impl std::fmt::Display) -> Self {
        Fault::Away { port, cause: cause.to_string() }
    }

    pub fn busy(port: &'static str, cause: impl std::fmt::Display) -> Self {
        Fault::Busy { port, cause: cause.to_string() }
    }

    pub fn broken(port: &'static str, cause: impl std::fmt::Display) -> Self {
        Fault::Broken { port, cause: cause.to_string() }
    }
}
