//! What a customer sends to place an order, and how it becomes one the till can take. A price is nothing that can be sent.

use schemars::JsonSchema;
use serde::Deserialize;

use super::gstin;
use super::ship_to::ShipTo;
use crate::cart::{MOST_LINES, quantity};
use crate::check::{Check, FieldError, Invalid};
use crate::identity::{AddressInput, Place};
use crate::ids::{AddressId, CartId};
use crate::payments::PaymentMethod;
use crate::pricing::CouponCode;
use crate::text::{Sku, bounded};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderInput {
    /// The caller's cart, which is meant when there are no lines either.
    pub cart_id: Option<String>,
    /// In place of a cart.
    #[schemars(length(min = 1, max = 50))]
    pub lines: Option<Vec<OrderLineInput>>,
    /// One of the caller's addresses.
    pub address_id: Option<String>,
    /// In place of it.
    pub address: Option<AddressInput>,
    pub payment_method: PaymentMethod,
    /// In place of the one on the cart.
    #[schemars(length(min = 3, max = 32))]
    pub coupon: Option<String>,
    /// The id of one of the slots that the quote names.
    #[schemars(length(min = 1, max = 32))]
    pub delivery_slot: Option<String>,
    /// For whoever brings it.
    #[schemars(length(min = 1, max = 500))]
    pub note: Option<String>,
    /// Of a business that buys.
    #[schemars(length(min = 15, max = 15))]
    pub gstin: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderLineInput {
    #[schemars(length(min = 1, max = 64))]
    pub sku: String,
    #[schemars(range(min = 1, max = 1000))]
    pub quantity: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub sku: Sku,
    pub quantity: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basket {
    /// The caller's; when it is named, by this name.
    Cart(Option<CartId>),
    /// One of each SKU.
    Lines(Vec<Line>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereto {
    Known(AddressId),
    Here(ShipTo),
}

/// An order as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAsked {
    pub basket: Basket,
    pub whereto: Whereto,
    pub method: PaymentMethod,
    pub coupon: Option<CouponCode>,
    pub slot: Option<String>,
    pub note: Option<String>,
    pub gstin: Option<String>,
}

impl OrderAsked {
    /// Everything that is wrong, named at once.
    pub fn parse(input: OrderInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let basket = basket(&mut check, input.cart_id, input.lines);
        let whereto = whereto(&mut check, input.address_id, input.address);
        let coupon = input.coupon.and_then(|code| check.field("coupon", CouponCode::parse(&code)));
        let slot = input.delivery_slot.and_then(|slot| check.field("delivery_slot", bounded(&slot, 1, 32)));
        let note = input.note.and_then(|note| check.field("note", bounded(&note, 1, 500)));
        let gstin = input.gstin.and_then(|text| check.field("gstin", gstin::parse(&text)));
        match (basket, whereto) {
            (Some(basket), Some(whereto)) if check.is_clean() => {
                Ok(OrderAsked { basket, whereto, method: input.payment_method, coupon, slot, note, gstin })
            }
            _ => Err(check.into_errors()),
        }
    }
}

fn basket(check: &mut Check, cart: Option<String>, lines: Option<Vec<OrderLineInput>>) -> Option<Basket> {
    match (cart, lines) {
        (Some(_), Some(_)) => {
            check.add("lines", Invalid::new("not_both", "must not be given with cart_id"));
            None
        }
        (Some(cart), None) => check.field("cart_id", cart.parse()).map(|id| Basket::Cart(Some(id))),
        (None, None) => Some(Basket::Cart(None)),
        (None, Some(lines)) => self::lines(check, lines).map(Basket::Lines),
    }
}

/// Lines of one SKU are one.
fn lines(check: &mut Check, given: Vec<OrderLineInput>) -> Option<Vec<Line>> {
    if given.is_empty() || given.len() > MOST_LINES {
        check.add("lines", Invalid::new("invalid_length", format!("must be 1 to {MOST_LINES} lines")));
        return None;
    }
    let mut lines: Vec<Line> = Vec::with_capacity(given.len());
    for (nth, line) in given.into_iter().enumerate() {
        let sku = check.field(format!("lines[{nth}].sku"), Sku::parse(&line.sku));
        let quantity = check.field(format!("lines[{nth}].quantity"), quantity(line.quantity));
        let (Some(sku), Some(quantity)) = (sku, quantity) else { continue };
        match lines.iter_mut().find(|line| line.sku == sku) {
            Some(line) => line.quantity = line.quantity.saturating_add(quantity),
            None => lines.push(Line { sku, quantity }),
        }
    }
    Some(lines)
}

fn whereto(check: &mut Check, id: Option<String>, address: Option<AddressInput>) -> Option<Whereto> {
    match (id, address) {
        (Some(_), Some(_)) => check.add("address", Invalid::new("not_both", "must not be given with address_id")),
        (None, None) => check.add("address_id", Invalid::new("missing_field", "must be given, or address")),
        (Some(id), None) => return check.field("address_id", id.parse()).map(Whereto::Known),
        (None, Some(address)) => match Place::parse(address) {
            Ok(place) => return Some(Whereto::Here(place.into())),
            Err(errors) => {
                for error in errors {
                    check.add(format!("address.{}", error.field), Invalid::new(error.code, error.message));
                }
            }
        },
    }
    None
}
