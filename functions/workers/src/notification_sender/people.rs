//! Whom a notice concerns.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{PendingEmail, User, UserStatus};
use bharatmart_core::ports::Fault;
use bharatmart_core::{RecordKey, Tenant, UserId};
use bharatmart_runtime::WorkCtx;

/// An account that is in use.
pub async fn user(ctx: &WorkCtx, tenant: &Tenant, id: UserId) -> Result<Option<User>, Fault> {
    let user = ctx.find::<User>(tenant, &RecordKey::alone(id)).await?;
    Ok(user.filter(|user| user.status == UserStatus::Active))
}

/// The account that an e-mail address logs in to: whoever proved it, else the first that waits to.
pub async fn by_email(ctx: &WorkCtx, tenant: &Tenant, email: &str) -> Result<Option<User>, Fault> {
    let owner = ctx.owner(tenant, ClaimKind::Email, email).await?.and_then(|owner| owner.parse().ok());
    let id = match owner {
        Some(id) => id,
        None => {
            let pending = ctx.find::<PendingEmail>(tenant, &RecordKey::alone(email)).await?;
            match pending.filter(|pending| pending.expires_at > ctx.clock().now()) {
                Some(pending) => pending.user_id,
                None => return Ok(None),
            }
        }
    };
    Ok(user(ctx, tenant, id).await?.filter(|user| user.email.as_deref() == Some(email)))
}

/// Whether the account still waits for this address to be proved: it may have been, or another asked for since.
pub fn is_to_prove(user: &User, email: &str) -> bool {
    let unproved = user.email.as_deref().filter(|_| !user.email_verified);
    unproved == Some(email) || user.new_email.as_deref() == Some(email)
}
