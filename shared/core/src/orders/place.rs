//! Placing an order: one commit takes its stock, its coupon's use, the order itself and what it tells; or nothing.

use super::order::{Moved, Order, OrderAmounts, OrderLine};
use super::ship_to::ShipTo;
use super::status::{Mover, OrderStatus};
use crate::catalog::Hsn;
use crate::changes::{Changes, Expect, Write};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::ids::{OrderId, PaymentId, ProductId, UserId};
use crate::inventory::{HELD_FOR, Piece, Reservation};
use crate::money::Paise;
use crate::payments::{Payment, PaymentMethod, PaymentStatus};
use crate::pricing::{Amounts, Coupon, CouponCode, Item};

/// What somebody buys, with what the catalogue says of it now.
#[derive(Clone, Debug)]
pub struct Bought {
    pub item: Item,
    pub product_id: ProductId,
    pub name: String,
    pub hsn: Hsn,
}

/// An order-to-be in which every value is what it should be.
#[derive(Clone, Debug)]
pub struct Placement {
    pub number: String,
    pub user_id: UserId,
    pub method: PaymentMethod,
    pub bought: Vec<Bought>,
    /// The quote over `bought`, in its order.
    pub amounts: Amounts,
    pub coupon: Option<Coupon>,
    pub ship_to: ShipTo,
    pub delivery_slot: Option<String>,
    pub note: Option<String>,
    pub gstin: Option<String>,
    /// Where the stock is taken from: as planned over the shelf as it was read.
    pub pieces: Vec<Piece>,
}

/// What is written beside it, the cart it empties, is the caller's to add.
pub fn place(placement: Placement, hand: &Hand<'_>) -> (Order, Changes) {
    let id = OrderId::new(hand.ids);
    let pieces = placement.pieces.clone();
    let (reservation, changes) = hand.warehouse().hold(&id.to_string(), pieces, HELD_FOR);
    let cash = (placement.method == PaymentMethod::Cod)
        .then(|| Payment::new(id, placement.user_id, PaymentMethod::Cod, None, placement.amounts.total, hand));
    let mut changes = placement
        .coupon
        .as_ref()
        .map(|coupon| uses(coupon, placement.user_id))
        .unwrap_or_default()
        .into_iter()
        .fold(changes, Changes::write);

    let order = order(placement, id, &reservation, cash.as_ref());
    changes = changes.put(&order, Expect::New);
    if let Some(cash) = &cash {
        let code = order.cod_code().event(hand.tenant, hand.clock, hand.ids);
        changes = changes.put(cash, Expect::New).event(code);
    }
    let told = order.tell(EventKind::OrderPlaced, hand);
    (order, changes.event(told))
}

/// A coupon's use is counted in the order's commit, against its limits as they were read.
fn uses(coupon: &Coupon, user: UserId) -> Vec<Write> {
    let Ok(code) = CouponCode::parse(&coupon.code) else { return Vec::new() };
    let count = |counter, limit: Option<u32>| Write::Count { counter, by: 1, at_most: limit.unwrap_or(u32::MAX) };
    vec![count(code.uses(), coupon.total_limit), count(code.uses_of(user), coupon.user_limit)]
}

/// An order that is not to be gives its coupon's use back.
pub(super) fn unused(order: &Order) -> Vec<Write> {
    let code = order.coupon.as_deref().and_then(|code| CouponCode::parse(code).ok());
    let back = |counter| Write::Count { counter, by: -1, at_most: u32::MAX };
    code.map_or_else(Vec::new, |code| vec![back(code.uses()), back(code.uses_of(order.user_id))])
}

/// Placed at the moment from which its stock is held.
fn order(placement: Placement, id: OrderId, held: &Reservation, cash: Option<&Payment>) -> Order {
    let now = held.created_at;
    let status = match cash {
        Some(_) => OrderStatus::AwaitingCodCode,
        None => OrderStatus::PendingPayment,
    };
    let Amounts { subtotal, discount, delivery, total, tax, lines } = placement.amounts;
    let line = |(bought, amounts): (Bought, _)| OrderLine {
        sku: bought.item.sku,
        product_id: bought.product_id,
        name: bought.name,
        hsn: bought.hsn,
        gst_rate: bought.item.gst_rate,
        unit_price: bought.item.price,
        quantity: bought.item.quantity,
        amounts,
    };
    let who = placement.user_id.to_string();
    let began = Moved { at: now, to: status, by: Mover::Customer, who, reason: None, tracking: None };
    Order {
        id,
        version: 1,
        number: placement.number,
        user_id: placement.user_id,
        status,
        method: placement.method,
        payment_status: PaymentStatus::Pending,
        lines: placement.bought.into_iter().zip(lines).map(line).collect(),
        amounts: OrderAmounts { subtotal, discount, delivery, total, tax },
        coupon: placement.coupon.map(|coupon| coupon.code),
        ship_to: placement.ship_to,
        delivery_slot: placement.delivery_slot,
        note: placement.note,
        gstin: placement.gstin,
        pieces: placement.pieces,
        reservation: Some(held.id),
        reserved_until: held.held_until,
        payments: cash.map(|cash| cash.id).into_iter().collect::<Vec<PaymentId>>(),
        paying: None,
        paid_by: None,
        captured: Paise::ZERO,
        refunded: Paise::ZERO,
        timeline: vec![began],
        placed_at: now,
        updated_at: now,
    }
}
