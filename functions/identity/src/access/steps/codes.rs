//! Codes that come back: a try is counted before it is looked at, and a token from a link names its code.

use bharatmart_core::RecordKey;
use bharatmart_core::identity::code::{Token, Try};
use bharatmart_core::identity::{Code, Purpose};
use bharatmart_runtime::{Ctx, Problem};

use super::refused;
use super::scene::scene;

/// A code with this try counted; `None` when there is none. Of any number of tries at once only the permitted come
/// back: each commits the count under the version it read.
pub async fn tried(ctx: &Ctx, key: &RecordKey) -> Result<Option<Code>, Problem> {
    loop {
        let Some(code) = ctx.find::<Code>(key).await? else { return Ok(None) };
        let counted = match code.count_try(ctx.clock().now()) {
            Try::Counted(counted) => counted,
            Try::Exceeded => return Err(refused::otp_attempts_exceeded()),
            Try::Expired if code.purpose == Purpose::PhoneLogin => return Err(refused::otp_expired()),
            Try::Expired => return Err(refused::token_expired()),
        };
        if refused::kept(ctx, ctx.note(counted.put_try(scene(ctx).changes())).await).await? {
            return Ok(Some(counted));
        }
    }
}

/// The code that a token is of: not expired, and with the right secret.
pub async fn of_token(ctx: &Ctx, token: &str, purpose: Purpose) -> Result<Code, Problem> {
    let token = Token::parse(token, purpose).ok_or_else(refused::token_invalid)?;
    let code = ctx.find::<Code>(&token.key()).await?.filter(|code| code.matches(&token.secret));
    let code = code.ok_or_else(refused::token_invalid)?;
    if code.expires_at <= ctx.clock().now() { Err(refused::token_expired()) } else { Ok(code) }
}
