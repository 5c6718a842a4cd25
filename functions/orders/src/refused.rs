//! How these routes say no: a code has one status, wherever it is told.

use bharatmart_core::Money;
use bharatmart_core::cart::CartProblem;
use bharatmart_core::orders::till::{MoveRefused, PlaceRefused};
use bharatmart_core::orders::{NoCod, OrderStatus};
use bharatmart_runtime::{Problem, codes};
use serde_json::{Value, json};

pub fn place(refused: PlaceRefused) -> Problem {
    match refused {
        PlaceRefused::NoCart => Problem::not_found("cart"),
        PlaceRefused::NoAddress => Problem::not_found("address"),
        PlaceRefused::Empty => Problem::conflict("cart_empty", "There is nothing in the cart."),
        PlaceRefused::NotServiceable => Problem::conflict("not_serviceable", "Nothing is brought there."),
        PlaceRefused::NoSlot => {
            Problem::field("delivery_slot", "unknown_slot", "must be the id of a slot that the quote names")
        }
        PlaceRefused::Problems(problems) => hindered(&problems),
        PlaceRefused::NoCod(no) => no_cod(no),
        PlaceRefused::Commit(error) => error.into(),
    }
}

/// The first is the code; all are told, with what a program needs to act on them.
fn hindered(problems: &[CartProblem]) -> Problem {
    let told = json!(problems);
    let first = told.get(0).cloned().unwrap_or_default();
    let (code, detail) = problems.first().map_or(("conflict", ""), named);
    let mut problem = Problem::conflict(code, detail);
    for (name, value) in first.as_object().into_iter().flatten().filter(|(name, _)| *name != "code") {
        problem = problem.with(name, value.clone());
    }
    problem.with("problems", told)
}

fn named(problem: &CartProblem) -> (&'static str, &'static str) {
    match problem {
        CartProblem::ProductUnavailable { .. } => ("product_unavailable", "Something of it is not for sale."),
        CartProblem::QuantityRule { .. } => ("quantity_rule", "Something of it is not sold in this quantity."),
        CartProblem::InsufficientStock { .. } => ("insufficient_stock", "There is not enough of something."),
        CartProblem::PriceChanged { .. } => ("price_changed", "A price has changed."),
        CartProblem::CouponInvalid { .. } => ("coupon_invalid", "There is no such coupon now."),
        CartProblem::CouponExpired { .. } => ("coupon_expired", "The coupon has expired."),
        CartProblem::CouponMinimumNotMet { .. } => ("coupon_minimum_not_met", "The coupon is for larger orders."),
        CartProblem::CouponLimitReached { .. } => {
            ("coupon_limit_reached", "The coupon was used as often as it may be.")
        }
        CartProblem::MinimumOrderNotMet { .. } => ("minimum_order_not_met", "The shop takes only larger orders."),
        CartProblem::TooManyLines { .. } => ("too_many_lines", "There are too many lines for one order."),
        CartProblem::NotServiceable { .. } => ("not_serviceable", "Nothing is brought there."),
    }
}

fn no_cod(no: NoCod) -> Problem {
    match no {
        NoCod::TooDear { most } => {
            cod(&format!("Orders of up to {most} are paid at the door.")).with("at_most", json!(Money::from(most)))
        }
        NoCod::NotThere => cod("No courier takes money there."),
        NoCod::TooMany { open } => {
            cod("Others of your orders are on their way unpaid.").with("open_orders", Value::from(open))
        }
    }
}

pub fn cod(detail: &str) -> Problem {
    Problem::conflict("cod_unavailable", detail)
}

pub fn moving(refused: MoveRefused) -> Problem {
    match refused {
        MoveRefused::NoOrder => Problem::not_found("order"),
        MoveRefused::NotAllowed(no) => not_allowed(no.from, &no.allowed),
        MoveRefused::WrongCode => codes::cod_code_invalid(),
        MoveRefused::Commit(error) => error.into(),
    }
}

pub fn not_allowed(from: OrderStatus, allowed: &[OrderStatus]) -> Problem {
    let detail = format!("The order is {}; from there it does not go.", from.name());
    Problem::conflict("invalid_transition", detail).with("allowed", json!(allowed)).with("order_status", json!(from))
}
