//! The one door for writing: what a use case wants changed, under which preconditions, and the events it causes.
//! A store applies all of it or nothing, and says which precondition failed.

use std::collections::BTreeSet;
use std::fmt;

use crate::catalog::{Category, Product};
use crate::event::Event;
use crate::ids::{CategoryId, EventId, ProductId};
use crate::inventory::Location;
use crate::ports::{Answered, Fence, LeaseName};
use crate::record::{Kind, Record, RecordKey, Row};
use crate::tenant::Tenant;
use crate::text::Sku;
use crate::time::Timestamp;

/// DynamoDB's limit, kept on every engine so that nobody is surprised there.
pub const MAX_ITEMS: usize = 100;

#[derive(Clone, Debug)]
pub struct Changes {
    pub tenant: Tenant,
    /// Events that caused these changes, noted so that each is applied once.
    pub applied: Vec<Applied>,
    /// The answer to keep for an idempotency key; refused unless its fence is still the owner's.
    pub answer: Option<Answered>,
    /// Refused unless this lease is still held under this fence.
    pub lease: Option<(LeaseName, Fence)>,
    pub writes: Vec<Write>,
    pub events: Vec<Event>,
}

/// A mark in the inbox: this consumer has taken this event into account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub consumer: &'static str,
    pub event: EventId,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No row has this key.
    New,
    /// The row's version is this; the written value carries the next.
    Version(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A product with its variants. Its slug and SKUs are claims, its stock is rows of its own.
    Product {
        product: Box<Product>,
        expect: Expect,
    },
    Category {
        category: Category,
        expect: Expect,
    },
    /// Writes nothing: the category has this version still, and keeps it until the commit is through.
    HoldCategory {
        id: CategoryId,
        version: u64,
    },
    /// A record, written whole.
    Record {
        row: Row,
        expect: Expect,
    },
    /// Takes a record of this version away.
    Remove {
        kind: &'static Kind,
        key: RecordKey,
        version: u64,
    },
    /// The first stock of a SKU at a location; is new.
    NewStock {
        product: ProductId,
        sku: Sku,
        location: Location,
        available: u32,
    },
    /// Takes a stock row away that holds nothing; refused as `VersionChanged` when it holds something or is not there.
    DropStock {
        product: ProductId,
        sku: Sku,
        location: Location,
    },
    /// Moves stock; afterwards neither available nor reserved may be below zero. Reserving q is (-q, +q), selling (0, -q)
    /// and q more that were sold.
    MoveStock {
        product: ProductId,
        sku: Sku,
        location: Location,
        available: i64,
        reserved: i64,
        sold: i64,
    },
    /// Takes a name nobody holds.
    Claim {
        kind: ClaimKind,
        name: String,
        owner: String,
    },
    /// Gives back a name that `owner` holds.
    Unclaim {
        kind: ClaimKind,
        name: String,
        owner: String,
    },
    /// Adds to a counter that starts at 0; afterwards it is at most `at_most`. By less than nought it takes back what was
    /// counted, and never more.
    Count {
        counter: String,
        by: i32,
        at_most: u32,
    },
}

/// Names that are unique in a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    ProductSlug,
    CategorySlug,
    Sku,
    /// An e-mail address somebody has proved to be theirs.
    Email,
    Phone,
}

impl ClaimKind {
    pub const ALL: &'static [ClaimKind] =
        &[ClaimKind::ProductSlug, ClaimKind::CategorySlug, ClaimKind::Sku, ClaimKind::Email, ClaimKind::Phone];

    pub const fn name(self) -> &'static str {
        match self {
            ClaimKind::ProductSlug => "product_slug",
            ClaimKind::CategorySlug => "category_slug",
            ClaimKind::Sku => "sku",
            ClaimKind::Email => "email",
            ClaimKind::Phone => "phone",
        }
    }
}

/// Which precondition failed: the first one, in the order applied, answer, lease, writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The consumer has already taken this event into account.
    AlreadyApplied(EventId),
    /// The idempotency key or the lease has another owner by now.
    FenceLost(String),
    /// Expected to be new.
    Exists(String),
    /// Expected another version, or a row that is not there.
    VersionChanged(String),
    InsufficientStock(Sku),
    NameTaken {
        kind: ClaimKind,
        name: String,
    },
    /// A claim to give back is not held by that owner.
    NotOwner {
        kind: ClaimKind,
        name: String,
    },
    LimitReached(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::AlreadyApplied(event) => write!(f, "event {event} is already applied"),
            Refusal::FenceLost(what) => write!(f, "{what} has another owner by now"),
            Refusal::Exists(key) => write!(f, "{key} exists already"),
            Refusal::VersionChanged(key) => write!(f, "{key} has another version"),
            Refusal::InsufficientStock(sku) => write!(f, "not enough of {sku}"),
            Refusal::NameTaken { kind, name } => write!(f, "{} {name} is taken", kind.name()),
            Refusal::NotOwner { kind, name } => write!(f, "{} {name} is not its owner's", kind.name()),
            Refusal::LimitReached(counter) => write!(f, "{counter} has reached its limit"),
        }
    }
}

impl Write {
    /// What the write is about; no two writes of a commit may share one.
    pub fn key(&self) -> String {
        match self {
            Write::Product { product, .. } => format!("product/{}", product.id),
            Write::Category { category, .. } => format!("category/{}", category.id),
            Write::HoldCategory { id, .. } => format!("category/{id}"),
            Write::Record { row, .. } => record_key(row.kind, row.key().as_ref()),
            Write::Remove { kind, key, .. } => record_key(kind, Some(key)),
            Write::NewStock { product, sku, location, .. }
            | Write::DropStock { product, sku, location }
            | Write::MoveStock { product, sku, location, .. } => format!("stock/{product}/{sku}/{location}"),
            Write::Claim { kind, name, .. } | Write::Unclaim { kind, name, .. } => {
                format!("claim/{}/{name}", kind.name())
            }
            Write::Count { counter, .. } => format!("counter/{counter}"),
        }
    }
}

fn record_key(kind: &Kind, key: Option<&RecordKey>) -> String {
    match key {
        Some(RecordKey { within, id }) if within.is_empty() => format!("{}/{id}", kind.name),
        Some(RecordKey { within, id }) => format!("{}/{within}/{id}", kind.name),
        None => format!("{}/", kind.name),
    }
}

impl Changes {
    pub fn new(tenant: &Tenant) -> Self {
        Changes {
            tenant: tenant.clone(),
            applied: Vec::new(),
            answer: None,
            lease: None,
            writes: Vec::new(),
            events: Vec::new(),
        }
    }

    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    pub fn put<R: Record>(self, record: &R, expect: Expect) -> Self {
        self.write(Write::Record { row: Row::of(record), expect })
    }

    /// Takes away the record as it was read.
    pub fn remove<R: Record>(mut self, record: &R) -> Self {
        let row = Row::of(record);
        let (key, version) = (row.key().unwrap_or_else(|| RecordKey::alone("")), row.version().unwrap_or(0));
        self.writes.push(Write::Remove { kind: R::KIND, key, version });
        self
    }

    pub fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// All that both write, in one commit.
    pub fn and(mut self, other: Changes) -> Self {
        self.writes.extend(other.writes);
        self.events.extend(other.events);
        self.applied.extend(other.applied);
        self
    }

    pub fn items(&self) -> usize {
        let checks = usize::from(self.answer.is_some()) + usize::from(self.lease.is_some());
        self.applied.len() + checks + self.writes.len() + self.events.len()
    }

    /// Every store calls this first. What it refuses is a mistake in the shop's code, not a customer's.
    pub fn check(&self) -> Result<(), Malformed> {
        if self.items() > MAX_ITEMS {
            return Err(Malformed(format!("{} items in one commit, the limit is {MAX_ITEMS}", self.items())));
        }
        let mut keys = BTreeSet::new();
        if let Some(write) = self.writes.iter().find(|write| !keys.insert(write.key())) {
            return Err(Malformed(format!("two writes of {} in one commit", write.key())));
        }
        let incomplete = |write: &&Write| match write {
            Write::Record { row, .. } => row.key().is_none_or(|key| key.id.is_empty()) || row.version().is_none(),
            Write::Remove { key, .. } => key.id.is_empty(),
            _ => false,
        };
        if let Some(write) = self.writes.iter().find(incomplete) {
            return Err(Malformed(format!("a record without key or version: {}", write.key())));
        }
        let mut events = BTreeSet::new();
        if let Some(event) = self.events.iter().find(|event| !events.insert(event.id)) {
            return Err(Malformed(format!("event {} twice in one commit", event.id)));
        }
        let mut marks = BTreeSet::new();
        if let Some(mark) = self.applied.iter().find(|mark| !marks.insert((mark.consumer, mark.event))) {
            return Err(Malformed(format!("event {} marked twice in one commit", mark.event)));
        }
        if self.events.iter().any(|event| event.tenant != self.tenant) {
            return Err(Malformed("an event of another tenant".to_owned()));
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a commit no store can take: {0}")]
pub struct Malformed(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn count(counter: &str) -> Write {
        Write::Count { counter: counter.to_owned(), by: 1, at_most: 10 }
    }

    #[test]
    fn a_commit_writes_each_key_once_and_at_most_a_hundred() {
        let mut changes = Changes::new(&Tenant::main());
        for i in 0..MAX_ITEMS {
            changes = changes.write(count(&i.to_string()));
        }
        assert_eq!(changes.check(), Ok(()));
        assert!(changes.clone().write(count("one more")).check().is_err());
        changes.writes.truncate(1);
        assert!(changes.write(count("0")).check().is_err());
    }
}
