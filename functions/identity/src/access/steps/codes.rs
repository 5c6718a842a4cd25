//! Codes that come back: a try is counted before it is looked at, and a token from a link names its code.

use bharatmart_core::RecordKey;
use bharatmart_core::identity::code::{Token, Try};
use bharatmart_core::identity::{Code, Purpose};
use bharatmart_runtime::{Ctx, Problem, codes};

use super::refused;

/// A code with this try counted; `None` when there is none.
pub async fn tried(ctx: &Ctx, key: &RecordKey, expired: fn() -> Problem) -> Result<Option<Code>, Problem> {
    match codes::tried(ctx, key).await? {
        None => Ok(None),
        Some(Try::Counted(code)) => Ok(Some(code)),
        Some(Try::Expired) => Err(expired()),
        Some(Try::Exceeded) => Err(refused::otp_attempts_exceeded()),
    }
}

/// The code that a token is of: not expired, and with the right secret.
pub async fn of_token(ctx: &Ctx, token: &str, purpose: Purpose) -> Result<Code, Problem> {
    let token = Token::parse(token, purpose).ok_or_else(refused::token_invalid)?;
    let code = ctx.find::<Code>(&token.key()).await?.filter(|code| code.matches(&token.secret));
    let code = code.ok_or_else(refused::token_invalid)?;
    if code.expires_at <= ctx.clock().now() { Err(refused::token_expired()) } else { Ok(code) }
}
