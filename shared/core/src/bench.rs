//! What a worker works with, whichever it is: the shop's store, its clock and ids, and the patience to try again. A worker
//! has events of every tenant before it.

use std::future::Future;

use futures_util::future::join_all;

use crate::changes::Refusal;
use crate::hand::Hand;
use crate::orders::Till;
use crate::ports::{Clock, CommitError, Fault, Ids, Patience, TillStore};
use crate::record::{Listing, Record, RecordKey, Row};
use crate::tenant::Tenant;
use crate::time::Timestamp;

#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// As which its marks stand in the inbox.
    pub worker: &'static str,
    pub store: &'a dyn TillStore,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn Ids,
    pub patience: &'a dyn Patience,
}

impl<'a> Bench<'a> {
    pub fn till(&self, tenant: &'a Tenant) -> Till<'a> {
        Till { hand: Hand::shop(tenant, self.clock, self.ids), store: self.store }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub async fn find<R: Record>(&self, tenant: &Tenant, key: &RecordKey) -> Result<Option<R>, Fault> {
        self.store.record(tenant, R::KIND, key).await?.map(Row::record).transpose()
    }

    pub async fn list<R: Record>(
        &self,
        tenant: &Tenant,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<R>, Fault> {
        let found = self.store.records(tenant, R::KIND, listing, before, limit).await?;
        found.into_iter().map(Row::record).collect()
    }

    /// After a commit that failed: another's that came first is let through, and the work may be read and tried again.
    pub(crate) async fn give_way(&self, error: CommitError, clashes: &mut u32) -> Result<(), Fault> {
        match error {
            CommitError::Refused(refusal @ (Refusal::VersionChanged(_) | Refusal::Exists(_))) => {
                if !self.patience.pause(*clashes).await {
                    return Err(Fault::busy(self.worker, refusal));
                }
                *clashes += 1;
                Ok(())
            }
            CommitError::Refused(refusal) => Err(Fault::broken(self.worker, refusal)),
            CommitError::Fault(fault) => Err(fault),
        }
    }
}

/// So many things that share nothing are done at a time.
const AT_ONCE: usize = 8;

/// Answers in the order of the work.
pub(crate) async fn at_once<W: Future>(mut work: Vec<W>) -> Vec<W::Output> {
    let mut done = Vec::with_capacity(work.len());
    while !work.is_empty() {
        let later = work.split_off(AT_ONCE.min(work.len()));
        done.extend(join_all(work).await);
        work = later;
    }
    done
}
