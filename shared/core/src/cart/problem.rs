//! What stands between a cart and an order, or has changed since the cart was filled: of its lines, its coupon, and of
//! the order as a whole.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CartLine, LineProblem, MOST_LINES, Shelf};
use crate::delivery::Destination;
use crate::money::{Money, Paise};
use crate::pricing::{CouponRefused, Item};
use crate::text::Sku;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CartProblem {
    ProductUnavailable {
        sku: String,
    },
    QuantityRule {
        sku: String,
        min: u32,
        max: u32,
        step: u32,
    },
    InsufficientStock {
        sku: String,
        available: u32,
    },
    /// Told, and no hindrance: the new price is what it costs.
    PriceChanged {
        sku: String,
        was: Money,
    },
    CouponInvalid {
        coupon: String,
    },
    CouponExpired {
        coupon: String,
    },
    CouponMinimumNotMet {
        coupon: String,
        minimum: Money,
    },
    CouponLimitReached {
        coupon: String,
    },
    MinimumOrderNotMet {
        minimum: Money,
        short_by: Money,
    },
    /// Two carts made one may hold more lines than an order.
    TooManyLines {
        most: usize,
    },
    NotServiceable {
        pincode: String,
    },
}

impl CartProblem {
    pub fn of_line(sku: &Sku, problem: LineProblem) -> Self {
        let sku = sku.to_string();
        match problem {
            LineProblem::ProductUnavailable => CartProblem::ProductUnavailable { sku },
            LineProblem::QuantityRule { min, max, step } => CartProblem::QuantityRule { sku, min, max, step },
            LineProblem::InsufficientStock { available } => CartProblem::InsufficientStock { sku, available },
            LineProblem::PriceChanged { was } => CartProblem::PriceChanged { sku, was },
        }
    }

    pub fn of_coupon(code: &str, refused: CouponRefused) -> Self {
        let coupon = code.to_owned();
        match refused {
            CouponRefused::Invalid | CouponRefused::SwitchedOff => CartProblem::CouponInvalid { coupon },
            CouponRefused::Expired => CartProblem::CouponExpired { coupon },
            CouponRefused::MinimumNotMet(minimum) => {
                CartProblem::CouponMinimumNotMet { coupon, minimum: minimum.into() }
            }
            CouponRefused::LimitReached => CartProblem::CouponLimitReached { coupon },
        }
    }

    /// An order of less than the shop takes.
    pub fn of_minimum(subtotal: Paise, minimum: Paise) -> Option<Self> {
        let short_by = minimum.checked_sub(subtotal).filter(|short| *short > Paise::ZERO)?;
        Some(CartProblem::MinimumOrderNotMet { minimum: minimum.into(), short_by: short_by.into() })
    }

    pub fn of_length(lines: &[CartLine]) -> Option<Self> {
        (lines.len() > MOST_LINES).then_some(CartProblem::TooManyLines { most: MOST_LINES })
    }

    pub fn of_destination(destination: &Destination) -> Option<Self> {
        let pincode = destination.pincode.to_string();
        (!destination.serviceable).then_some(CartProblem::NotServiceable { pincode })
    }

    pub fn hinders(&self) -> bool {
        !matches!(self, CartProblem::PriceChanged { .. })
    }
}

/// Of each line what matters first.
pub fn of_lines(lines: &[CartLine], shelf: &Shelf) -> Vec<CartProblem> {
    let problem = |line: &CartLine| line.problem(shelf.product(line.product_id));
    lines.iter().filter_map(|line| Some(CartProblem::of_line(&line.sku, problem(line)?))).collect()
}

/// The lines that could be ordered as they are.
pub fn items(lines: &[CartLine], shelf: &Shelf) -> Vec<Item> {
    let sound = |line: &&CartLine| line.problem(shelf.product(line.product_id)).is_none_or(|found| !found.hinders());
    lines.iter().filter(sound).filter_map(|line| line.item(shelf)).collect()
}
