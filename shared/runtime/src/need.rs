//! What a function uses. The clients it builds and what IAM allows it follow from this; using what is not declared is
//! answered with 500, so that a test finds it.

use bharatmart_core::Kind;
use bharatmart_core::queues::Queue;

use crate::config::{SEALING_KEY, TOKEN_KEYS};
use crate::open::{self, Open};

/// A need knows how to open its port, so that a binary links only the engines its own needs name.
#[derive(Clone, Copy)]
pub struct Need {
    pub grant: Grant,
    pub(crate) open: Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    ReadsCatalog,
    /// Reads records of this kind.
    Reads(&'static Kind),
    /// Asks who holds a name.
    ReadsClaims,
    /// Looks at what commits have counted.
    ReadsCounters,
    /// Counts within windows of time.
    Counts,
    /// Commits changes; with the idempotency keys, inbox and outbox that belong to it.
    Commits,
    /// Finds the account of an outside issuer's user, and makes it at first sight.
    KnowsOutsiders,
    /// Reads unsent events and marks them sent.
    ReadsOutbox,
    /// Takes away what has ended.
    Forgets,
    TakesLeases,
    /// Sends events to this queue.
    Sends(&'static Queue),
    /// Takes messages from this queue.
    Receives(&'static Queue),
    /// Reads the search index.
    Finds,
    /// Writes the search index.
    Indexes,
    Secret(&'static str),
    /// Signs access tokens.
    IssuesTokens,
    /// Seals and opens what must not lie open in the store.
    Vault,
    /// Sends e-mail and SMS.
    Messages,
    /// Charges and gives back by the payment provider.
    TakesMoney,
    Caches,
    ProbesStore,
    ProbesQueues,
    /// Looks at every queue and its dead letters, and sends these back.
    RunsQueues,
    ProbesBlobs,
}

impl Grant {
    /// The secret it reads.
    pub const fn secret(self) -> Option<&'static str> {
        match self {
            Grant::Secret(name) => Some(name),
            Grant::IssuesTokens => Some(TOKEN_KEYS),
            Grant::Vault => Some(SEALING_KEY),
            _ => None,
        }
    }
}

impl Need {
    pub const READS_CATALOG: Need = Need { grant: Grant::ReadsCatalog, open: Open::Store(open::store) };
    pub const READS_CLAIMS: Need = Need { grant: Grant::ReadsClaims, open: Open::Store(open::store) };
    pub const READS_COUNTERS: Need = Need { grant: Grant::ReadsCounters, open: Open::Store(open::store) };
    pub const COUNTS: Need = Need { grant: Grant::Counts, open: Open::Store(open::store) };
    pub const COMMITS: Need = Need { grant: Grant::Commits, open: Open::Store(open::store) };
    pub(crate) const KNOWS_OUTSIDERS: Need = Need { grant: Grant::KnowsOutsiders, open: Open::Store(open::store) };
    pub const READS_OUTBOX: Need = Need { grant: Grant::ReadsOutbox, open: Open::Store(open::store) };
    pub const FORGETS: Need = Need { grant: Grant::Forgets, open: Open::Store(open::store) };
    pub const TAKES_LEASES: Need = Need { grant: Grant::TakesLeases, open: Open::Store(open::store) };
    #[cfg(feature = "search")]
    pub const FINDS: Need = Need { grant: Grant::Finds, open: Open::Search(open::search) };
    #[cfg(feature = "search")]
    pub const INDEXES: Need = Need { grant: Grant::Indexes, open: Open::Index(open::index) };
    pub const ISSUES_TOKENS: Need = Need { grant: Grant::IssuesTokens, open: Open::Secrets(open::secrets) };
    pub const VAULT: Need = Need { grant: Grant::Vault, open: Open::Secrets(open::secrets) };
    pub const MESSAGES: Need = Need { grant: Grant::Messages, open: Open::Messages(open::messages) };
    pub const TAKES_MONEY: Need = Need { grant: Grant::TakesMoney, open: Open::Provider(open::provider) };
    pub const CACHES: Need = Need { grant: Grant::Caches, open: Open::Cache(open::cache) };
    pub const PROBES_STORE: Need = Need { grant: Grant::ProbesStore, open: Open::Store(open::store) };
    pub const PROBES_QUEUES: Need = Need { grant: Grant::ProbesQueues, open: Open::Queue(open::queue) };
    pub const RUNS_QUEUES: Need = Need { grant: Grant::RunsQueues, open: Open::Queue(open::queue) };
    pub const PROBES_BLOBS: Need = Need { grant: Grant::ProbesBlobs, open: Open::Blobs(open::blobs) };

    pub const fn reads(kind: &'static Kind) -> Need {
        Need { grant: Grant::Reads(kind), open: Open::Store(open::store) }
    }

    pub const fn sends(queue: &'static Queue) -> Need {
        Need { grant: Grant::Sends(queue), open: Open::Queue(open::queue) }
    }

    /// Opens the store: what of a batch was taken already is asked of the inbox. A Lambda is handed its messages.
    pub const fn receives(queue: &'static Queue) -> Need {
        Need { grant: Grant::Receives(queue), open: Open::Store(open::store) }
    }

    pub const fn secret(name: &'static str) -> Need {
        Need { grant: Grant::Secret(name), open: Open::Secrets(open::secrets) }
    }
}
