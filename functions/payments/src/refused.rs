//! How these routes say no: a code has one status, wherever it is told.

use bharatmart_core::Money;
use bharatmart_core::orders::NotPayable;
use bharatmart_core::orders::till::{PayRefused, RefundRefused};
use bharatmart_runtime::Problem;
use bharatmart_runtime::http::StatusCode;
use serde_json::json;

pub fn paying(refused: PayRefused) -> Problem {
    match refused {
        PayRefused::NoOrder => Problem::not_found("order"),
        PayRefused::NotPayable(NotPayable::AlreadyPaid) => {
            Problem::conflict("already_paid", "The order is paid already.")
        }
        PayRefused::NotPayable(NotPayable::InProgress) => {
            Problem::conflict("payment_in_progress", "Another attempt is under way; look how it ends.").retry_after(2)
        }
        PayRefused::NotPayable(NotPayable::Closed) => {
            Problem::conflict("order_not_payable", "The order is cancelled, or paid at the door.")
        }
        PayRefused::Commit(error) => error.into(),
    }
}

pub fn refund(refused: RefundRefused) -> Problem {
    match refused {
        RefundRefused::NoPayment => no_payment(),
        RefundRefused::NotRefundable(no) => {
            let detail = format!("At most {} of it can go back.", no.refundable);
            Problem::conflict("not_refundable", detail).with("refundable", json!(Money::from(no.refundable)))
        }
        RefundRefused::Commit(error) => error.into(),
    }
}

pub fn no_payment() -> Problem {
    Problem::not_found("payment")
}

pub fn no_provider() -> Problem {
    let detail = "This shop takes no money before delivery; pay at the door.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "payments_unavailable", detail)
}
