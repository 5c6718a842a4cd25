//! What a cart would cost as an order. Lines that could not be ordered are told and not counted; neither is a coupon that
//! does not hold.

use schemars::JsonSchema;
use serde::Serialize;

use super::problem::{self, CartProblem};
use super::{CartLine, Shelf};
use crate::delivery::{Destination, Slot, slots};
use crate::money::Money;
use crate::pricing::{self, Amounts, Item, LineAmounts, NamedCoupon, Terms};
use crate::time::Timestamp;

/// All that a quote is made of.
pub struct Asked<'a> {
    pub lines: &'a [CartLine],
    pub shelf: &'a Shelf,
    pub coupon: Option<&'a NamedCoupon>,
    pub terms: &'a Terms,
    /// `None` while nobody said where to.
    pub destination: Option<&'a Destination>,
    pub now: Timestamp,
}

pub struct Quoted {
    /// Those that are counted, in the order of `amounts.lines`.
    pub items: Vec<Item>,
    pub amounts: Amounts,
    pub problems: Vec<CartProblem>,
}

/// Until it is known where to, the place of supply is the seller's state.
pub fn quote(asked: &Asked<'_>) -> Quoted {
    let mut problems = problem::of_lines(asked.lines, asked.shelf);
    let items = problem::items(asked.lines, asked.shelf);
    let subtotal = Item::subtotal(&items);
    let coupon = asked.coupon.and_then(|named| match asked.terms.coupon(named, subtotal, asked.now) {
        Ok(coupon) => Some(coupon),
        Err(refused) => {
            problems.push(CartProblem::of_coupon(&named.code, refused));
            None
        }
    });
    problems.extend(CartProblem::of_minimum(subtotal, asked.terms.minimum));
    problems.extend(CartProblem::of_length(asked.lines));
    problems.extend(asked.destination.and_then(CartProblem::of_destination));
    let buyer = asked.destination.and_then(|destination| destination.state).unwrap_or(asked.terms.seller);
    let amounts = pricing::quote(&items, coupon, asked.terms, buyer);
    Quoted { items, amounts, problems }
}

/// `subtotal − discount + delivery = total = taxable + cgst + sgst + igst`, of the whole and of each line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Quote")]
pub struct QuoteView {
    pub lines: Vec<QuoteLineView>,
    #[serde(flatten)]
    pub amounts: AmountsView,
    /// Null while no PIN code was given.
    pub serviceable: Option<bool>,
    pub delivery_slots: Vec<Slot>,
    pub problems: Vec<CartProblem>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "QuoteLine")]
pub struct QuoteLineView {
    pub sku: String,
    pub quantity: u32,
    pub unit_price: Money,
    #[serde(flatten)]
    pub amounts: AmountsView,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Amounts")]
pub struct AmountsView {
    pub subtotal: Money,
    pub discount: Money,
    pub delivery: Money,
    pub total: Money,
    pub taxable: Money,
    pub cgst: Money,
    pub sgst: Money,
    pub igst: Money,
}

impl QuoteView {
    pub fn of(quoted: &Quoted, asked: &Asked<'_>) -> Self {
        let Quoted { items, amounts, problems } = quoted;
        let Amounts { subtotal, discount, delivery, total, tax, .. } = *amounts;
        let whole = LineAmounts { subtotal, discount, delivery, total, tax };
        let serviceable = asked.destination.map(|destination| destination.serviceable);
        QuoteView {
            lines: items.iter().zip(&amounts.lines).map(|(item, line)| QuoteLineView::of(item, line)).collect(),
            amounts: AmountsView::of(&whole),
            serviceable,
            delivery_slots: if serviceable == Some(true) { slots(asked.now) } else { Vec::new() },
            problems: problems.clone(),
        }
    }
}

impl QuoteLineView {
    fn of(item: &Item, amounts: &LineAmounts) -> Self {
        QuoteLineView {
            sku: item.sku.to_string(),
            quantity: item.quantity,
            unit_price: item.price.into(),
            amounts: AmountsView::of(amounts),
        }
    }
}

impl AmountsView {
    pub fn of(amounts: &LineAmounts) -> Self {
        AmountsView {
            subtotal: amounts.subtotal.into(),
            discount: amounts.discount.into(),
            delivery: amounts.delivery.into(),
            total: amounts.total.into(),
            taxable: amounts.tax.taxable.into(),
            cgst: amounts.tax.cgst.into(),
            sgst: amounts.tax.sgst.into(),
            igst: amounts.tax.igst.into(),
        }
    }
}
