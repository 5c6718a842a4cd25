//! What moves stock: a hold, its end, and an adjustment. Each is a commit, or part of a larger one, that carries one event
//! of all it moves; the keeper of the books reads it there.

use std::time::Duration;

use serde_json::json;

use super::adjust::{Adjusted, Adjustment};
use super::books::product_changed;
use super::{Piece, Reason, Reservation, Stock, StockAdjusted, StockMoved, release, reserve, sell, take_back};
use crate::catalog::{Product, StockedProduct};
use crate::changes::{Changes, Expect, Write};
use crate::event::{Event, EventKind};
use crate::identity::{Action, Actor, AuditEntry};
use crate::ids::ReservationId;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Sku;

/// How long stock is held for whoever does not pay; what is held for less is given back no sooner.
pub const HELD_FOR: Duration = Duration::from_secs(15 * 60);

/// Whose stock it is, who moves it, and when.
pub struct Warehouse<'a> {
    pub tenant: &'a Tenant,
    pub who: Actor,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn Ids,
}

impl Warehouse<'_> {
    /// Reserves the pieces for `reference` until `life` has passed. Refused with `InsufficientStock` when one is gone.
    pub fn hold(&self, reference: &str, pieces: Vec<Piece>, life: Duration) -> (Reservation, Changes) {
        let now = self.clock.now();
        let reservation = Reservation {
            id: ReservationId::new(self.ids),
            version: 1,
            reference: reference.to_owned(),
            pieces,
            created_at: now,
            held_until: now.after(life),
        };
        let changes = Changes::new(self.tenant).put(&reservation, Expect::New);
        let changes = self.moved(changes, reserve(&reservation.pieces), Reason::Reserved, Some(reference), None);
        (reservation, changes)
    }

    /// Gives back what was held. Refused with `VersionChanged` when somebody else ended the hold first.
    pub fn release_hold(&self, held: &Reservation, note: &str) -> Changes {
        self.end(held, release(&held.pieces), Reason::Released, Some(note))
    }

    /// What was held leaves the warehouse. Refused as a release is.
    pub fn sell_hold(&self, held: &Reservation) -> Changes {
        self.end(held, sell(&held.pieces), Reason::Sold, None)
    }

    /// What was sold and has not left comes back.
    pub fn take_back(&self, reference: &str, pieces: &[Piece], note: &str) -> Changes {
        self.moved(Changes::new(self.tenant), take_back(pieces), Reason::Returned, Some(reference), Some(note))
    }

    fn end(&self, held: &Reservation, writes: Vec<Write>, reason: Reason, note: Option<&str>) -> Changes {
        let changes = Changes::new(self.tenant).remove(held);
        self.moved(changes, writes, reason, Some(&held.reference), note)
    }

    /// Counted, delivered or written off: what the stock becomes, and the commit with its audit. Refused with
    /// `InsufficientStock` or `VersionChanged` when it moved or was opened meanwhile. The figures of audit and event are
    /// those it was decided on.
    pub fn adjust(&self, stocked: &StockedProduct, sku: &Sku, adjustment: &Adjustment, address: &str) -> Adjusted {
        let Adjustment { delta, note, location } = adjustment;
        let (product, levels) = (stocked.product.id, stocked.levels(sku));
        let after = adjustment.applied_to(&levels);
        let mut changes = Changes::new(self.tenant);
        let (of, at) = (sku.clone(), location.clone());
        let write = match (levels.0.contains_key(location), u32::try_from(*delta)) {
            (false, Ok(available)) => {
                changes = self.open(changes, &stocked.product);
                Write::NewStock { product, sku: of, location: at, available }
            }
            _ => Write::MoveStock { product, sku: of, location: at, available: *delta, reserved: 0, sold: 0 },
        };
        let figures = |stock: Stock| json!({ "available": stock.available, "reserved": stock.reserved });
        let audit = AuditEntry::new(Action::StockAdjusted, self.who, sku, self.clock, self.ids)
            .from_address(address)
            .detail("location", location.as_str())
            .detail("before", figures(levels.at(location)))
            .detail("after", figures(after.at(location)))
            .detail("delta", *delta)
            .detail("reason", note.as_str());
        let data = StockAdjusted {
            product_id: product,
            sku: sku.clone(),
            location: location.clone(),
            delta: *delta,
            available: after.available(),
            reason: note.clone(),
            who: self.who.to_string(),
        };
        let subject = product.to_string();
        let event = Event::new(EventKind::InventoryAdjusted, self.tenant, subject, &data, self.clock, self.ids);
        let changes = self.moved(changes, vec![write], Reason::Adjusted, None, Some(note));
        Adjusted { after, changes: changes.put(&audit, Expect::New).event(event) }
    }

    /// A location more is a change of the product: whoever takes the SKU away at the same moment names each of its
    /// locations, and must not have missed this one.
    fn open(&self, changes: Changes, product: &Product) -> Changes {
        let next = Product { version: product.version + 1, updated_at: self.clock.now(), ..product.clone() };
        let event = product_changed(self.tenant, &next, self.clock, self.ids);
        let expect = Expect::Version(product.version);
        changes.write(Write::Product { product: Box::new(next), expect }).event(event)
    }

    fn moved(
        &self,
        mut changes: Changes,
        writes: Vec<Write>,
        reason: Reason,
        reference: Option<&str>,
        note: Option<&str>,
    ) -> Changes {
        let moved = StockMoved::by(&writes, reason, self.who);
        let moved = reference.into_iter().fold(moved, StockMoved::for_reference);
        let moved = note.into_iter().fold(moved, StockMoved::note);
        changes.writes.extend(writes);
        changes.event(moved.event(self.tenant, self.clock, self.ids))
    }
}
