//! What every change of an account wants to know beside the account: whose shop it is, when, and from where it was
//! asked.

use super::audit::{Action, Actor, AuditEntry};
use crate::changes::{Changes, Expect};
use crate::ports::{Clock, Ids, Random};
use crate::tenant::Tenant;
use crate::time::Timestamp;

#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub tenant: &'a Tenant,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn Ids,
    pub random: &'a dyn Random,
    /// The network address of whoever asks; `None` when the shop does it by itself.
    pub address: Option<&'a str>,
}

impl Scene<'_> {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn changes(&self) -> Changes {
        Changes::new(self.tenant)
    }

    pub fn audit(&self, action: Action, actor: Actor, subject: impl ToString) -> AuditEntry {
        let entry = AuditEntry::new(action, actor, subject, self.clock, self.ids);
        self.address.into_iter().fold(entry, AuditEntry::from_address)
    }

    /// Changes that tell of this and no more.
    pub fn told(&self, entry: &AuditEntry) -> Changes {
        self.changes().put(entry, Expect::New)
    }
}
