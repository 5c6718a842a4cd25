//! Codes that somebody was sent and presents: a try is counted before it is looked at, so that of any number at once
//! only the permitted are. What a code opens is its route's.

use std::fmt;

use bharatmart_core::identity::code::Try;
use bharatmart_core::identity::{Code, Purpose};
use bharatmart_core::ports::CommitError;
use bharatmart_core::{Changes, RecordKey, Refusal};
use http::StatusCode;

use crate::context::Ctx;
use crate::problem::Problem;

/// A code with this try counted, or why it may not be tried; `None` when there is none. Each try commits its count under
/// the version it read.
pub async fn tried(ctx: &Ctx, key: &RecordKey) -> Result<Option<Try>, Problem> {
    loop {
        let Some(code) = ctx.find::<Code>(key).await? else { return Ok(None) };
        let counted = match code.count_try(ctx.clock().now()) {
            Try::Counted(counted) => counted,
            refused => return Ok(Some(refused)),
        };
        match ctx.note(counted.put_try(Changes::new(&ctx.tenant))).await {
            Ok(()) => return Ok(Some(Try::Counted(counted))),
            // Another try was counted, or the code replaced or used, in between.
            Err(CommitError::Refused(Refusal::VersionChanged(_) | Refusal::Exists(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The code of an order that is paid at the door, when these digits are it. Remove it in the commit that confirms the
/// order: then it is good once, and not after a newer one was sent. Where that commit is refused because code or order
/// changed, read both again: `Code::matches` then tells without another try.
pub async fn cash_on_delivery(ctx: &Ctx, order_id: impl fmt::Display, digits: &str) -> Result<Code, Problem> {
    match tried(ctx, &Purpose::CashOnDelivery.key(order_id)).await? {
        Some(Try::Counted(code)) if code.matches(digits) => Ok(code),
        Some(Try::Counted(_)) | None => Err(cod_code_invalid()),
        Some(Try::Expired) => {
            let detail = "The code has expired; ask for another.";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "cod_code_expired", detail))
        }
        Some(Try::Exceeded) => {
            let detail = "Too many wrong codes; ask for another.";
            Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "cod_code_attempts_exceeded", detail))
        }
    }
}

pub fn cod_code_invalid() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "cod_code_invalid", "The code is not the one of this order.")
}
