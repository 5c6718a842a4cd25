//! Whose hand changes something of the shop, when and from where: what every change a manager makes wants to know.

use serde::Serialize;

use crate::changes::Changes;
use crate::event::{Event, EventKind};
use crate::identity::{Action, Actor, AuditEntry};
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::time::Timestamp;

#[derive(Clone, Copy)]
pub struct Hand<'a> {
    pub tenant: &'a Tenant,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn Ids,
    pub by: Actor,
    /// The network address it was asked from.
    pub address: Option<&'a str>,
}

impl<'a> Hand<'a> {
    /// The shop's own.
    pub fn shop(tenant: &'a Tenant, clock: &'a dyn Clock, ids: &'a dyn Ids) -> Self {
        Hand { tenant, clock, ids, by: Actor::Shop, address: None }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn changes(&self) -> Changes {
        Changes::new(self.tenant)
    }

    pub fn event<D: Serialize + 'static>(&self, kind: EventKind, subject: impl ToString, data: &D) -> Event {
        Event::new(kind, self.tenant, subject.to_string(), data, self.clock, self.ids)
    }

    pub fn audit(&self, action: Action, subject: impl ToString) -> AuditEntry {
        let entry = AuditEntry::new(action, self.by, subject, self.clock, self.ids);
        self.address.into_iter().fold(entry, AuditEntry::from_address)
    }
}
