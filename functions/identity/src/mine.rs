//! The caller's own account, and how the routes about it say no.

use bharatmart_core::RecordKey;
use bharatmart_core::identity::{PendingEmail, User, UserStatus};
use bharatmart_core::ports::Fault;
use bharatmart_runtime::{Ctx, Problem};

use crate::access::steps::{accounts, refused};

/// Whose token it is. A good token is enough for what locks nobody out: an ended session dies with it in a moment.
pub async fn account(ctx: &Ctx) -> Result<User, Problem> {
    let user = accounts::user(ctx, ctx.user()?.user).await?;
    user.filter(|user| user.status == UserStatus::Active).ok_or_else(refused::session_revoked)
}

/// What may let the account's unproved e-mail address log in.
pub async fn pending_email(ctx: &Ctx, user: &User) -> Result<Option<PendingEmail>, Fault> {
    match user.pending_email_key() {
        Some(key) => ctx.find(&key).await,
        None => Ok(None),
    }
}

/// The key of a record of the caller's own, whose id stands in the path. What is no id names nothing.
pub fn key<Id: std::str::FromStr + ToString>(ctx: &Ctx, user: &User, what: &str) -> Result<RecordKey, Problem> {
    let id: Id = ctx.path("id").parse().map_err(|_| Problem::not_found(what))?;
    Ok(RecordKey::of_user(user.id, id))
}
