//! Time, ids and people for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::scene::Scene;
use super::user::User;
use crate::access::Role;
use crate::changes::{Changes, Write};
use crate::ids::UserId;
use crate::ports::{Clock, Ids, Random};
use crate::tenant::Tenant;
use crate::time::Timestamp;

/// A shop in which the clock stands still, ids count, and chance has no say.
pub struct World {
    tenant: Tenant,
    ids: AtomicU64,
}

impl World {
    pub fn new() -> Self {
        World { tenant: Tenant::main(), ids: AtomicU64::new(1) }
    }

    pub fn scene(&self) -> Scene<'_> {
        Scene { tenant: &self.tenant, clock: self, ids: self, random: self, address: Some("203.0.113.7") }
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000)
    }
}

impl Ids for World {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

pub fn user_id(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n << 64))
}

/// An account of yesterday, without a way in.
pub fn user() -> User {
    User::new(user_id(1), Role::Customer, "Asha", Timestamp::from_millis(1_789_900_000_000))
}

/// What names a commit takes (+) and gives back (-).
pub fn claims(changes: &Changes) -> Vec<String> {
    let claim = |write: &Write| match write {
        Write::Claim { kind, name, .. } => Some(format!("+{} {name}", kind.name())),
        Write::Unclaim { kind, name, .. } => Some(format!("-{} {name}", kind.name())),
        _ => None,
    };
    changes.writes.iter().filter_map(claim).collect()
}
