//! How these routes say no: a code has one status, wherever it is told.

use bharatmart_core::Refusal;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{CommitError, Counted};
use bharatmart_runtime::http::StatusCode;
use bharatmart_runtime::{Ctx, Problem};

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail).header("WWW-Authenticate", "Bearer".to_owned())
}

pub fn invalid_credentials() -> Problem {
    unauthorized("invalid_credentials", "The e-mail address or the password is wrong.")
}

pub fn wrong_password() -> Problem {
    unauthorized("invalid_credentials", "The password is wrong.")
}

pub fn account_disabled() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "account_disabled", "This account was disabled; write to the shop.")
}

pub fn login_required() -> Problem {
    let detail = "The log-in was more than 15 minutes ago; log in again first.";
    Problem::new(StatusCode::FORBIDDEN, "login_required", detail)
}

pub fn session_revoked() -> Problem {
    unauthorized("session_revoked", "This session has ended; log in again.")
}

pub fn token_invalid() -> Problem {
    unauthorized("token_invalid", "The token is not a good one, or was used already.")
}

pub fn token_expired() -> Problem {
    unauthorized("token_expired", "The token has expired.")
}

pub fn otp_invalid() -> Problem {
    unauthorized("otp_invalid", "The code is not the right one.")
}

pub fn otp_expired() -> Problem {
    unauthorized("otp_expired", "The code has expired; ask for another.")
}

pub fn otp_attempts_exceeded() -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "otp_attempts_exceeded", "Too many wrong codes; ask for another.")
}

pub fn csrf_token_invalid() -> Problem {
    let detail = "Send the csrf_token that came with the cookie as X-CSRF-Token.";
    Problem::new(StatusCode::FORBIDDEN, "csrf_token_invalid", detail)
}

/// Too often within a window of time.
pub fn too_often(code: &'static str, detail: &str, counted: &Counted) -> Problem {
    let seconds = counted.resets_in.as_millis().div_ceil(1000).max(1) as u32;
    Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail).retry_after(seconds)
}

/// Whether it was committed. `false`: somebody changed one of the records first, so read them again and go on.
pub fn settled(outcome: Result<(), CommitError>) -> Result<bool, Problem> {
    let refusal = match outcome {
        Ok(()) => return Ok(true),
        Err(CommitError::Refused(refusal)) => refusal,
        Err(fault) => return Err(fault.into()),
    };
    match refusal {
        Refusal::VersionChanged(_) | Refusal::Exists(_) => Ok(false),
        Refusal::NameTaken { kind: ClaimKind::Email, .. } => Err(email_taken()),
        Refusal::NameTaken { kind: ClaimKind::Phone, .. } => {
            Err(Problem::conflict("phone_taken", "Another account has this phone number."))
        }
        other => Err(CommitError::Refused(other).into()),
    }
}

/// The same for whoever tries again: `false` comes after a pause.
pub async fn kept(ctx: &Ctx, outcome: Result<(), CommitError>) -> Result<bool, Problem> {
    let kept = settled(outcome)?;
    if !kept {
        ctx.again().await?;
    }
    Ok(kept)
}

pub fn email_taken() -> Problem {
    Problem::conflict("email_taken", "Another account has this e-mail address.")
}
