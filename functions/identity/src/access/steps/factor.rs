//! The second factor, asked for at log-in and before it is taken away.

use bharatmart_core::identity::lock::{WINDOW, WRONG_CODES, second_factor_counter};
use bharatmart_core::identity::{Mfa, User, second_factor};
use bharatmart_runtime::{Ctx, Problem};

use super::refused;

/// The second factor as it is after a right code was used; `None` after a wrong one. Counted for the account, however
/// many logins the codes are spread over.
pub async fn used(ctx: &Ctx, user: &User, mfa: &Mfa, code: &str) -> Result<Option<Mfa>, Problem> {
    let counter = second_factor_counter(user.id);
    let counted = ctx.count(&counter, 1, WINDOW).await?;
    if counted.value > WRONG_CODES {
        return Err(refused::too_often("otp_attempts_exceeded", "Too many wrong codes for this account.", &counted));
    }
    let opened = ctx.vault().await?.open(&second_factor::vault_purpose(user.id), &mfa.secret);
    let secret = opened.map_err(|error| Problem::internal(format!("a second factor cannot be opened: {error}")))?;
    let used = second_factor::used(mfa, user.id, &secret, code, ctx.clock().now());
    if used.is_some() {
        ctx.reset(&counter).await?;
    }
    Ok(used)
}

/// Of an account that asks for it at log-in.
pub fn confirmed(user: &User) -> Option<&Mfa> {
    user.mfa.as_ref().filter(|mfa| mfa.confirmed)
}
