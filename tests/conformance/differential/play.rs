//! A step of a generated story, and what a store answers to it in words that are the same for every engine. Fences are
//! an engine's own, so a step names one by whose it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::ports::{Answer, CommitError, Counted, Fault, Fence, IdempotencyKey, KeyClaim, LeaseName, Store};
use bharatmart_core::{Changes, Event, Refusal, Tenant, Timestamp};

#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Latest,
    /// Of the owner before, who may have stalled.
    Previous,
    Nobodys,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// The fences within the changes are filled in when it is played.
    Commit {
        changes: Box<Changes>,
        answer: Whose,
        lease: Whose,
    },
    ClaimKey {
        tenant: Tenant,
        key: IdempotencyKey,
        request: &'static str,
        lease: Duration,
        now: Timestamp,
    },
    FreeKey {
        tenant: Tenant,
        key: IdempotencyKey,
        fence: Whose,
    },
    TakeLease {
        name: LeaseName,
        owner: &'static str,
        ttl: Duration,
        now: Timestamp,
    },
    ReleaseLease {
        name: LeaseName,
        fence: Whose,
    },
    MarkSent(Vec<Event>),
    Count {
        tenant: Tenant,
        counter: String,
        by: u32,
        window: Duration,
        now: Timestamp,
    },
    ResetCounter {
        tenant: Tenant,
        counter: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Done,
    Refused(Refusal),
    Malformed,
    Mine,
    Running { until: Timestamp },
    Answered(Answer),
    AnotherRequest,
    Lease { until: Timestamp, new_owner: bool },
    Taken,
    Counted(Counted),
}

pub struct Player {
    pub store: Arc<dyn Store>,
    keys: BTreeMap<(Tenant, IdempotencyKey), Vec<Fence>>,
    leases: BTreeMap<LeaseName, Vec<Fence>>,
}

impl Player {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Player { store, keys: BTreeMap::new(), leases: BTreeMap::new() }
    }

    pub async fn play(&mut self, step: &Step) -> Result<Said, Fault> {
        let said = match step {
            Step::Commit { changes, answer, lease } => return self.commit(changes, *answer, *lease).await,
            Step::ClaimKey { tenant, key, request, lease, now } => {
                match self.store.claim_key(tenant, key, request, *lease, *now).await? {
                    KeyClaim::Mine(fence) => {
                        let fences = self.keys.entry((tenant.clone(), key.clone())).or_default();
                        assert!(
                            fences.last().is_none_or(|last| *last < fence),
                            "a fence that did not grow: {fences:?}"
                        );
                        fences.push(fence);
                        Said::Mine
                    }
                    KeyClaim::Running { until } => Said::Running { until },
                    KeyClaim::Answered(answer) => Said::Answered(answer),
                    KeyClaim::AnotherRequest => Said::AnotherRequest,
                }
            }
            Step::FreeKey { tenant, key, fence } => {
                let fence = pick(self.keys.get(&(tenant.clone(), key.clone())), *fence);
                self.store.free_key(tenant, key, fence).await?;
                Said::Done
            }
            Step::TakeLease { name, owner, ttl, now } => match self.store.take_lease(*name, owner, *ttl, *now).await? {
                Some(lease) => {
                    let fences = self.leases.entry(*name).or_default();
                    let new_owner = fences.last() != Some(&lease.fence);
                    assert!(fences.last().is_none_or(|last| *last <= lease.fence), "a fence that fell: {fences:?}");
                    if new_owner {
                        fences.push(lease.fence);
                    }
                    Said::Lease { until: lease.until, new_owner }
                }
                None => Said::Taken,
            },
            Step::ReleaseLease { name, fence } => {
                self.store.release_lease(*name, pick(self.leases.get(name), *fence)).await?;
                Said::Done
            }
            Step::MarkSent(events) => {
                self.store.mark_sent(events).await?;
                Said::Done
            }
            Step::Count { tenant, counter, by, window, now } => {
                Said::Counted(self.store.count(tenant, counter, *by, *window, *now).await?)
            }
            Step::ResetCounter { tenant, counter } => {
                self.store.reset(tenant, counter).await?;
                Said::Done
            }
        };
        Ok(said)
    }

    async fn commit(&self, changes: &Changes, answer: Whose, lease: Whose) -> Result<Said, Fault> {
        let mut changes = changes.clone();
        if let Some(answered) = &mut changes.answer {
            answered.fence = pick(self.keys.get(&(changes.tenant.clone(), answered.key.clone())), answer);
        }
        if let Some((name, fence)) = &mut changes.lease {
            *fence = pick(self.leases.get(name), lease);
        }
        let malformed = changes.check().is_err();
        match self.store.commit(changes).await {
            Ok(()) => Ok(Said::Done),
            Err(CommitError::Refused(refusal)) => Ok(Said::Refused(refusal)),
            Err(CommitError::Fault(Fault::Broken { .. })) if malformed => Ok(Said::Malformed),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }
}

fn pick(fences: Option<&Vec<Fence>>, whose: Whose) -> Fence {
    let latest = fences.and_then(|fences| fences.last()).map_or(0, |fence| fence.0);
    match whose {
        Whose::Latest => Fence(latest),
        Whose::Previous => fences.and_then(|fences| fences.iter().rev().nth(1)).copied().unwrap_or(Fence(0)),
        Whose::Nobodys => Fence(latest + 1_000),
    }
}
