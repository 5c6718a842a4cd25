//! The store: what a commit promises, and the reads and small records beside it. Each test runs on every engine.

mod catalog;
mod clashes;
mod commits;
mod committing;
mod counters;
mod endings;
mod keys;
mod leases;
mod listings;
mod opening;
mod orders;
mod outbox;
mod preconditions;
mod races;
mod records;
mod relay;
mod reservations;
mod roundtrips;
mod tenants;

use bharatmart_core::ports::{CommitError, Fault, Store};
use bharatmart_core::{Changes, Refusal};

/// The refusal of a commit that must be refused.
async fn refusal(store: &dyn Store, changes: Changes) -> Refusal {
    match store.commit(changes).await {
        Err(CommitError::Refused(refusal)) => refusal,
        other => panic!("a refusal was expected, it was {other:?}"),
    }
}

/// Commits what must be taken.
async fn commit(store: &dyn Store, changes: Changes) {
    store.commit(changes).await.expect("it breaks no precondition");
}

fn is_broken(result: &Result<(), CommitError>) -> bool {
    matches!(result, Err(CommitError::Fault(Fault::Broken { .. })))
}
