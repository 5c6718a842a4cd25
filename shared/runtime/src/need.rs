//! What a function uses. The clients it builds and what IAM allows it follow from this; using what is not declared is
//! answered with 500, so that a test finds it.

use bharatmart_core::queues::Queue;

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
    /// Commits changes; with the idempotency keys, inbox and outbox that belong to it.
    Commits,
    /// Reads unsent events and marks them sent.
    ReadsOutbox,
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
    Caches,
    ProbesStore,
    ProbesQueues,
    ProbesBlobs,
}

impl Need {
    pub const READS_CATALOG: Need = Need { grant: Grant::ReadsCatalog, open: Open::Store(open::store) };
    pub const COMMITS: Need = Need { grant: Grant::Commits, open: Open::Store(open::store) };
    pub const READS_OUTBOX: Need = Need { grant: Grant::ReadsOutbox, open: Open::Store(open::store) };
    pub const TAKES_LEASES: Need = Need { grant: Grant::TakesLeases, open: Open::Store(open::store) };
    #[cfg(feature = "search")]
    pub const FINDS: Need = Need { grant: Grant::Finds, open: Open::Search(open::search) };
    #[cfg(feature = "search")]
    pub const INDEXES: Need = Need { grant: Grant::Indexes, open: Open::Index(open::index) };
    pub const CACHES: Need = Need { grant: Grant::Caches, open: Open::Cache(open::cache) };
    pub const PROBES_STORE: Need = Need { grant: Grant::ProbesStore, open: Open::Store(open::store) };
    pub const PROBES_QUEUES: Need = Need { grant: Grant::ProbesQueues, open: Open::Queue(open::queue) };
    pub const PROBES_BLOBS: Need = Need { grant: Grant::ProbesBlobs, open: Open::Blobs(open::blobs) };

    pub const fn sends(queue: &'static Queue) -> Need {
        Need { grant: Grant::Sends(queue), open: Open::Queue(open::queue) }
    }

    pub const fn receives(queue: &'static Queue) -> Need {
        Need { grant: Grant::Receives(queue), open: Open::Queue(open::queue) }
    }

    pub const fn secret(name: &'static str) -> Need {
        Need { grant: Grant::Secret(name), open: Open::Secrets(open::secrets) }
    }
}
