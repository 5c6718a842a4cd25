//! Finding accounts: by id, by the e-mail address that logs in to them, and the caller's own.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{Email, PendingEmail, Session, User, UserStatus, proof};
use bharatmart_core::ports::Fault;
use bharatmart_core::{RecordKey, UserId};
use bharatmart_runtime::{Ctx, Problem};

use super::refused;

pub async fn user(ctx: &Ctx, id: UserId) -> Result<Option<User>, Fault> {
    Ok(ctx.find::<User>(&RecordKey::alone(id)).await?.filter(|user| user.status != UserStatus::Deleted))
}

/// The account that a proved e-mail address or phone logs in to.
pub async fn holder(ctx: &Ctx, kind: ClaimKind, name: &str) -> Result<Option<User>, Fault> {
    match owner(ctx, kind, name).await? {
        Some(id) => user(ctx, id).await,
        None => Ok(None),
    }
}

async fn owner(ctx: &Ctx, kind: ClaimKind, name: &str) -> Result<Option<UserId>, Fault> {
    Ok(ctx.owner(kind, name).await?.and_then(|owner| owner.parse().ok()))
}

/// The account an e-mail address logs in to: whoever proved it, else the first that waits to.
/// Three reads in every case, so that the time tells nothing.
pub async fn by_email(ctx: &Ctx, email: &Email) -> Result<Option<User>, Fault> {
    let owner = owner(ctx, ClaimKind::Email, email.as_str()).await?;
    let pending = ctx.find::<PendingEmail>(&RecordKey::alone(email)).await?;
    let waits = pending.filter(|pending| pending.expires_at > ctx.clock().now()).map(|pending| pending.user_id);
    let id = owner.or(waits).unwrap_or(UserId::from_uuid(Default::default()));
    Ok(user(ctx, id).await?.filter(|user| user.email.as_deref() == Some(email.as_str())))
}

/// Who is logged in, and the session it is by; an outside issuer's has none. What changes an account's locks asks the
/// store, since a token may have outlived its session.
pub async fn caller(ctx: &Ctx) -> Result<(User, Option<Session>), Problem> {
    let caller = ctx.user()?;
    let user = user(ctx, caller.user).await?.filter(|user| user.status == UserStatus::Active);
    let user = user.ok_or_else(refused::session_revoked)?;
    let Some(id) = caller.session else { return Ok((user, None)) };
    let session = ctx.find::<Session>(&RecordKey::of_user(user.id, id)).await?;
    match session.filter(|session| session.holds(&user, ctx.clock().now())) {
        Some(session) => Ok((user, Some(session))),
        None => Err(refused::session_revoked()),
    }
}

/// What would give the account another way in takes more than a token that somebody may have found.
pub fn logged_in_just_now(ctx: &Ctx, session: Option<&Session>) -> Result<(), Problem> {
    if proof::is_fresh(session, ctx.clock().now()) { Ok(()) } else { Err(refused::login_required()) }
}
