//! Mistakes to be found: each spoils a port in a way that a careless change of the shop could. They stand under the
//! shop, so that no code of the shop knows of them.

use bharatmart_core::changes::{Expect, Write};
use bharatmart_core::inventory::{Levels, Location, RESERVATION};
use bharatmart_core::record::{Kind, RecordKey};
use bharatmart_core::{Changes, ProductId, Sku};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// Every claim of a key is granted and no answer is kept.
    NoIdempotencyRecord,
    /// What is reserved beyond the stock takes what there is, and is reserved all the same.
    ReserveWithoutCondition,
    /// The state is committed first, its events after it.
    EventOutsideTheCommit,
    /// A charge that is asked for again goes by another name.
    CaptureUnderANewKey,
    /// Whoever ends a hold does not look whether it was ended before.
    ReleaseTwice,
}

impl Plant {
    pub const ALL: &'static [Plant] = &[
        Plant::NoIdempotencyRecord,
        Plant::ReserveWithoutCondition,
        Plant::EventOutsideTheCommit,
        Plant::CaptureUnderANewKey,
        Plant::ReleaseTwice,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Plant::NoIdempotencyRecord => "no-idempotency-record",
            Plant::ReserveWithoutCondition => "reserve-without-condition",
            Plant::EventOutsideTheCommit => "event-outside-the-commit",
            Plant::CaptureUnderANewKey => "capture-under-a-new-key",
            Plant::ReleaseTwice => "release-twice",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|plant| plant.name() == name)
    }
}

/// A reservation takes at most what is there, and is written whatever it takes.
pub(crate) fn clamp(changes: &mut Changes, levels: impl Fn(ProductId, &Sku) -> Option<Levels>) {
    for write in &mut changes.writes {
        if let Write::MoveStock { product, sku, location, available, reserved: 1.., .. } = write {
            let there = there(levels(*product, sku), location);
            *available = (*available).max(-there);
        }
    }
}

fn there(levels: Option<Levels>, location: &Location) -> i64 {
    levels.map_or(0, |levels| i64::from(levels.at(location).available))
}

/// A commit that ends a hold asks no record for its version; a hold that is gone is no hindrance.
pub(crate) fn unversioned(changes: &mut Changes, version: impl Fn(&'static Kind, &RecordKey) -> Option<u64>) {
    let ends_a_hold = |write: &Write| matches!(write, Write::Remove { kind, .. } if **kind == RESERVATION);
    if !changes.writes.iter().any(ends_a_hold) {
        return;
    }
    changes.writes.retain_mut(|write| match write {
        Write::Remove { kind, key, version: expected } => match version(kind, key) {
            Some(present) => {
                *expected = present;
                true
            }
            None => false,
        },
        Write::Record { row, expect: Expect::Version(expected) } => {
            if let Some(present) = row.key().and_then(|key| version(row.kind, &key)) {
                *expected = present;
                row.fields.insert("version".to_owned(), (present + 1).into());
            }
            true
        }
        _ => true,
    });
}
