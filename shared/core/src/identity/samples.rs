//! Time, ids and people for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::user::User;
use crate::access::Role;
use crate::changes::{Changes, Write};
use crate::ids::UserId;
use crate::ports::{Clock, Ids};
use crate::time::Timestamp;

/// A clock that stands still, and ids that count.
pub struct World(AtomicU64);

impl World {
    pub fn new() -> Self {
        World(AtomicU64::new(1))
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000)
    }
}

impl Ids for World {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
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
