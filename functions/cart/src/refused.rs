//! How these routes say no: a code has one status, wherever it is told.

use bharatmart_core::cart::{EditRefused, LineProblem, MOST_LINES, TooManyLines};
use bharatmart_core::pricing::CouponRefused;
use bharatmart_core::{Invalid, Money};
use bharatmart_runtime::Problem;
use bharatmart_runtime::http::StatusCode;
use serde_json::json;

pub fn cart_token_invalid() -> Problem {
    let detail = "The token is of no cart of this shop; begin another without it.";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "cart_token_invalid", detail);
    problem.header("WWW-Authenticate", "Cart-Token".to_owned())
}

pub fn version_conflict() -> Problem {
    Problem::conflict("cart_version_conflict", "The cart was changed meanwhile; read it again.")
}

pub fn edit(refused: EditRefused) -> Problem {
    match refused {
        EditRefused::Line(problem) => line(&problem),
        EditRefused::TooManyLines => cart_full(),
        EditRefused::NoSuchLine => Problem::not_found("line in the cart"),
    }
}

fn line(problem: &LineProblem) -> Problem {
    match *problem {
        LineProblem::ProductUnavailable => Problem::conflict("product_unavailable", "This is not for sale."),
        LineProblem::QuantityRule { min, max, step } => {
            let detail = format!("It is sold from {min} to {max} at once, in steps of {step}.");
            Problem::conflict("quantity_rule", detail).with("min", min).with("max", max).with("step", step)
        }
        LineProblem::InsufficientStock { available } => {
            let detail = format!("There are {available} left.");
            Problem::conflict("insufficient_stock", detail).with("available", available)
        }
        LineProblem::PriceChanged { was } => {
            Problem::conflict("price_changed", "The price has changed.").with("was", json!(was))
        }
    }
}

fn cart_full() -> Problem {
    Problem::conflict("cart_full", format!("There are {MOST_LINES} lines in the cart; take one out first."))
}

pub fn too_many_to_merge(TooManyLines: TooManyLines) -> Problem {
    Problem::conflict("cart_full", "Together they hold too many lines; both carts are as they were.")
}

pub fn coupon(refused: CouponRefused) -> Problem {
    let told = |detail: &str| Problem::conflict(refused.code(), detail);
    match refused {
        CouponRefused::Invalid => told("There is no such coupon now."),
        CouponRefused::SwitchedOff => told("Coupons are switched off just now."),
        CouponRefused::Expired => told("The coupon has expired."),
        CouponRefused::MinimumNotMet(minimum) => {
            let problem = told(&format!("The coupon is for carts of {minimum} and more."));
            problem.with("minimum", json!(Money::from(minimum)))
        }
        CouponRefused::LimitReached => told("The coupon was used as often as it may be."),
    }
}

pub fn field(name: &str, invalid: Invalid) -> Problem {
    Problem::field(name, invalid.code, invalid.message)
}
