//! A request that is done once, however often it is sent: its idempotency key is claimed with a lease and a fence before
//! work starts; answered by the commit, or freed. How a request is told from another, and whose key it is, is not told here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::ports::{Answer, Answered, CommitError, Fault, Fence, IdempotencyKey, IdempotencyKeys, KeyClaim};
use crate::tenant::Tenant;
use crate::time::Timestamp;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// A lease outlives its function by this, so that a time-out has ended before another may start.
const MARGIN: Duration = Duration::from_secs(5);

/// The key a request owns.
pub struct Once {
    key: IdempotencyKey,
    fence: Fence,
    /// An answer was committed for it, or may have been.
    keeps: AtomicBool,
}

/// Whose a key is.
pub enum Claimed {
    Mine(Once),
    /// It was answered before.
    Answered(Answer),
    /// Another's, until then.
    Running {
        until: Timestamp,
    },
    /// It was used for another request.
    AnotherRequest,
}

impl Once {
    /// For a function that runs no longer than `limit`.
    pub async fn claim(
        store: &dyn IdempotencyKeys,
        tenant: &Tenant,
        key: IdempotencyKey,
        request: &str,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Claimed, Fault> {
        Ok(match store.claim_key(tenant, &key, request, limit + MARGIN, now).await? {
            KeyClaim::Mine(fence) => Claimed::Mine(Once { key, fence, keeps: AtomicBool::new(false) }),
            KeyClaim::Answered(answer) => Claimed::Answered(answer),
            KeyClaim::Running { until } => Claimed::Running { until },
            KeyClaim::AnotherRequest => Claimed::AnotherRequest,
        })
    }

    /// What a commit leaves behind for the key.
    pub fn answered(&self, answer: Answer, now: Timestamp) -> Answered {
        Answered { key: self.key.clone(), fence: self.fence, answer, expires_at: now.after(KEPT) }
    }

    /// Told what became of each commit that held an answer. After some faults nobody knows whether it was applied, so the
    /// key is kept until its lease runs out.
    pub fn hear(&self, outcome: &Result<(), CommitError>) {
        let unknown = matches!(outcome, Err(CommitError::Fault(Fault::Away { .. } | Fault::Broken { .. })));
        self.keeps.fetch_or(outcome.is_ok() || unknown, Ordering::AcqRel);
    }

    /// Only a committed answer is kept; whatever else happened frees the key. If it cannot be freed its lease runs out.
    pub async fn settle(&self, store: &dyn IdempotencyKeys, tenant: &Tenant) -> Result<(), Fault> {
        match self.keeps.load(Ordering::Acquire) {
            true => Ok(()),
            false => store.free_key(tenant, &self.key, self.fence).await,
        }
    }
}
