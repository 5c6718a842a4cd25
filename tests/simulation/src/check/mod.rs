//! Whether the shop keeps its promises: after each turn, over what was committed in it, and once more at the end. It has
//! a model of its own, made of the rows that were written, and looks whether it, the store's figures and the events
//! agree.

mod end;
mod events;
mod money;
mod stock;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bharatmart_core::inventory::{Location, RESERVATION, Reservation};
use bharatmart_core::orders::status::MOVES;
use bharatmart_core::orders::{ORDER, Order};
use bharatmart_core::payments::{Balance, LEDGER_ENTRY, LedgerEntry, PAYMENT, Payment};
use bharatmart_core::pricing::CouponCode;
use bharatmart_core::record::{Record, Row};
use bharatmart_core::{Changes, Event, OrderId, PaymentId, ProductId, ReservationId, Sku, UserId, Write};

use crate::shop::Shop;

pub use end::{at_the_end, is_quiet};

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

pub type Kept = Result<(), Broken>;

/// Says so, unless it holds.
pub(crate) fn holds(holds: bool, otherwise: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Broken(otherwise())) }
}

type Place = (ProductId, Sku, Location);

pub struct Checker {
    shop: Arc<Shop>,
    pub orders: BTreeMap<OrderId, Order>,
    pub payments: BTreeMap<PaymentId, Payment>,
    reservations: BTreeMap<ReservationId, Reservation>,
    ledger: BTreeMap<OrderId, Vec<LedgerEntry>>,
    /// What came into the warehouse, less what was written off.
    came: BTreeMap<Place, i64>,
    numbers: BTreeSet<String>,
    notes: BTreeMap<String, OrderId>,
    /// How often each move of the table was made.
    pub moves: BTreeMap<usize, u64>,
    /// Of the turn that is looked at.
    touched: BTreeSet<OrderId>,
    shelves: bool,
    due: Vec<(events::Told, bool)>,
}

impl Checker {
    pub fn new(shop: &Arc<Shop>) -> Self {
        Checker {
            shop: shop.clone(),
            orders: BTreeMap::new(),
            payments: BTreeMap::new(),
            reservations: BTreeMap::new(),
            ledger: BTreeMap::new(),
            came: BTreeMap::new(),
            numbers: BTreeSet::new(),
            notes: BTreeMap::new(),
            moves: BTreeMap::new(),
            touched: BTreeSet::new(),
            shelves: false,
            due: Vec::new(),
        }
    }

    /// After a turn.
    pub fn look(&mut self) -> Kept {
        let done = self.shop.under.take_done();
        if done.is_empty() {
            return Ok(());
        }
        for changes in done {
            self.tell(&changes);
            self.take(changes)?;
        }
        let due = std::mem::take(&mut self.due);
        events::agree(due)?;
        if std::mem::take(&mut self.shelves) {
            self.stock()?;
        }
        for id in std::mem::take(&mut self.touched) {
            if let Some(order) = self.orders.get(&id) {
                self.money(order)?;
                self.hold(order)?;
                self.uses(order)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, changes: Changes) -> Kept {
        let adjusted = changes.events.iter().any(events::is_adjustment);
        let mut moved: Vec<(Place, i64, i64)> = Vec::new();
        for write in changes.writes {
            match write {
                Write::Record { row, .. } => self.row(row)?,
                Write::Remove { kind, key, .. } if *kind == RESERVATION => {
                    let id = key.id.parse().ok();
                    let held = id.and_then(|id: ReservationId| self.reservations.remove(&id));
                    holds(held.is_some(), || format!("a reservation was ended twice: {}", key.id))?;
                }
                Write::NewStock { product, sku, location, available } => {
                    let place = (product, sku, location);
                    *self.came.entry(place.clone()).or_default() += i64::from(available);
                    moved.push((place, i64::from(available), 0));
                }
                Write::MoveStock { product, sku, location, available, reserved, .. } => {
                    let place = (product, sku, location);
                    if adjusted {
                        *self.came.entry(place.clone()).or_default() += available;
                    }
                    moved.push((place, available, reserved));
                }
                _ => {}
            }
        }
        if !moved.is_empty() {
            self.shelves = true;
            self.due.push((events::Told::Stock(moved), false));
        }
        for event in &changes.events {
            self.due.extend(events::Told::by(event, &self.orders)?.map(|told| (told, true)));
        }
        Ok(())
    }

    fn row(&mut self, row: Row) -> Kept {
        fn read<R: Record>(row: Row) -> Result<R, Broken> {
            Row::read(row.fields).map_err(|error| Broken(format!("a {} cannot be read: {error}", R::KIND.name)))
        }
        match row.kind {
            kind if *kind == ORDER => self.order(read(row)?),
            kind if *kind == PAYMENT => {
                let payment: Payment = read(row)?;
                let before = self.payments.insert(payment.id, payment.clone());
                self.touched.insert(payment.order_id);
                self.due.extend(events::of_payment(before.as_ref(), &payment).map(|told| (told, false)));
                Ok(())
            }
            kind if *kind == LEDGER_ENTRY => {
                let entry: LedgerEntry = read(row)?;
                self.touched.insert(entry.order_id);
                self.ledger.entry(entry.order_id).or_default().push(entry);
                Ok(())
            }
            kind if *kind == RESERVATION => {
                let held: Reservation = read(row)?;
                self.reservations.insert(held.id, held);
                self.shelves = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn order(&mut self, order: Order) -> Kept {
        self.touched.insert(order.id);
        self.shelves = true;
        let before = self.orders.insert(order.id, order.clone());
        self.due.extend(events::of_order(before.as_ref(), &order).map(|told| (told, false)));
        let Some(before) = before else {
            holds(order.version == 1, || format!("{} began at version {}", order.id, order.version))?;
            holds(self.numbers.insert(order.number.clone()), || format!("two orders are called {}", order.number))?;
            let note = order.note.clone().unwrap_or_default();
            let other = self.notes.insert(note.clone(), order.id);
            return holds(other.is_none(), || format!("two orders of one key, {note}: {} and {other:?}", order.id));
        };
        holds(order.version == before.version + 1, || {
            format!("{} went from version {} to {}", order.id, before.version, order.version)
        })?;
        if order.status == before.status {
            return holds(order.timeline == before.timeline, || format!("{} moved without moving", order.id));
        }
        let by = order.timeline.last().map(|moved| (moved.to, moved.by));
        let at = MOVES.iter().position(|(from, to, who)| {
            *from == before.status && by.is_some_and(|(moved_to, by)| *to == moved_to && who.contains(&by))
        });
        let told = order.timeline.len() == before.timeline.len() + 1 && by.is_some_and(|(to, _)| to == order.status);
        match at.filter(|_| told) {
            Some(at) => *self.moves.entry(at).or_default() += 1,
            None => {
                let (from, to) = (before.status.name(), order.status.name());
                return Err(Broken(format!("{} went from {from} to {to} by {by:?}", order.id)));
            }
        }
        Ok(())
    }

    fn balance(&self, order: OrderId) -> Balance {
        Balance::of(self.ledger.get(&order).into_iter().flatten())
    }

    /// A coupon is used as often as there are orders that hold it, and no more often than it may.
    fn uses(&self, order: &Order) -> Kept {
        let Some(code) = order.coupon.as_deref().and_then(|code| CouponCode::parse(code).ok()) else { return Ok(()) };
        let live = |of: Option<UserId>| {
            let holds_it = |order: &&Order| {
                order.coupon.as_deref() == Some(code.as_str())
                    && order.status != bharatmart_core::orders::OrderStatus::Cancelled
                    && of.is_none_or(|user| order.user_id == user)
            };
            self.orders.values().filter(holds_it).count() as u64
        };
        let coupon = self.shop.coupons.iter().find(|coupon| coupon.code == code.as_str());
        let counters = [
            (code.uses(), live(None), coupon.and_then(|coupon| coupon.total_limit)),
            (code.uses_of(order.user_id), live(Some(order.user_id)), coupon.and_then(|coupon| coupon.user_limit)),
        ];
        for (counter, live, limit) in counters {
            let counted = self.shop.under.counted(&self.shop.tenant, &counter);
            holds(counted == live, || format!("{counter} counts {counted} uses, {live} orders hold it"))?;
            let within = limit.is_none_or(|limit| live <= u64::from(limit));
            holds(within, || format!("{live} orders hold {counter}, {limit:?} may"))?;
        }
        Ok(())
    }

    /// For whoever reads the history.
    fn tell(&self, changes: &Changes) {
        self.shop.world.tell(|| {
            let writes: Vec<_> = changes.writes.iter().map(written).collect();
            let events: Vec<_> = changes.events.iter().map(|event: &Event| event.kind.name()).collect();
            format!("= {} [{}]", writes.join(", "), events.join(", "))
        });
    }
}

fn written(write: &Write) -> String {
    match write {
        Write::Record { row, .. } => {
            let status = row.text("status").unwrap_or_default();
            format!("{} v{} {status}", write.key(), row.version().unwrap_or_default())
        }
        Write::Remove { .. } => format!("-{}", write.key()),
        Write::MoveStock { sku, location, available, reserved, .. } => {
            format!("{sku}@{location} {available:+}/{reserved:+}")
        }
        Write::Count { counter, by, .. } => format!("{counter} {by:+}"),
        _ => write.key(),
    }
}
