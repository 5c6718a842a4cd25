//! Mistakes to be found: each spoils a port in a way that a careless change of the shop could. They stand under the
//! shop, so that no code of the shop knows of them.

use bharatmart_core::changes::Write;
use bharatmart_core::inventory::{Levels, Location, RESERVATION, StockMoved};
use bharatmart_core::record::RecordKey;
use bharatmart_core::{Changes, Event, EventKind, ProductId, Sku};

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
    /// Whoever ends a hold gives the stock back without looking whether it was ended before.
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

/// A reservation takes at most what is there, and is written and told whatever it takes.
pub(crate) fn clamp(changes: &mut Changes, levels: impl Fn(ProductId, &Sku) -> Option<Levels>) {
    for write in &mut changes.writes {
        if let Write::MoveStock { product, sku, location, available, reserved: 1.., .. } = write {
            let there = there(levels(*product, sku), location);
            *available = (*available).max(-there);
        }
    }
    let Changes { writes, events, .. } = changes;
    events.iter_mut().filter(|event| tells_of_stock(event)).for_each(|event| tell_anew(event, writes));
}

fn there(levels: Option<Levels>, location: &Location) -> i64 {
    levels.map_or(0, |levels| i64::from(levels.at(location).available))
}

fn tells_of_stock(event: &Event) -> bool {
    event.kind == EventKind::StockMoved
}

fn tell_anew(event: &mut Event, writes: &[Write]) {
    let Ok(told) = StockMoved::read(event) else { return };
    let lines = StockMoved::by(writes, told.reason, &told.who).lines;
    event.data = serde_json::to_value(StockMoved { lines, ..told }).unwrap_or_default();
}

/// Of a commit that ends a hold which was ended before: what it moves on the shelves, and the telling of it.
pub(crate) fn released_again(changes: &Changes, is_there: impl Fn(&RecordKey) -> bool) -> Option<Changes> {
    let ends_what_is_gone =
        |write: &Write| matches!(write, Write::Remove { kind, key, .. } if **kind == RESERVATION && !is_there(key));
    if !changes.writes.iter().any(ends_what_is_gone) {
        return None;
    }
    let moves = |write: &&Write| matches!(write, Write::MoveStock { .. });
    let writes = changes.writes.iter().filter(moves).cloned().collect();
    let events = changes.events.iter().filter(|event| tells_of_stock(event)).cloned().collect();
    Some(Changes { writes, events, ..Changes::new(&changes.tenant) })
}
