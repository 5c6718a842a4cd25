//! A file for each port: the table its decorator is written from. A port more is a file more, and its list here.

mod blobs;
mod cache;
mod clock;
mod index;
mod messages;
mod payments;
mod queue;
mod search;
mod secrets;
mod store;

use crate::operation::Operation;

const LISTS: &[&[Operation]] = &[
    store::CATALOG_READS,
    store::RECORDS,
    store::COUNTERS,
    store::COMMITS,
    store::IDEMPOTENCY_KEYS,
    store::FORGETS,
    store::LEASES,
    store::OUTBOX,
    store::PROBE,
    queue::QUEUEING,
    cache::CACHE,
    secrets::SECRETS,
    blobs::BLOBS,
    messages::MESSAGES,
    payments::PAYMENT_PROVIDER,
    search::SEARCH,
    index::SEARCH_INDEX,
    index::REBUILD,
    clock::CLOCK,
];

/// Everything that can be asked of any port. With `Operation::faults` it is the fault matrix.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    LISTS.iter().copied().flatten()
}
