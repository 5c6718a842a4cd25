//! Change one's password, knowing the present one.

use bharatmart_core::identity::{AccountChange, CODE, Code, NewPassword, Purpose, SESSION, Session, USER, User};
use bharatmart_core::{Changes, Check, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, input, lock, refused};

pub static ROUTE: Route = Route {
    name: "password-change",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/password/change",
    summary: "Change the password",
    access: Access::user(),
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::reads(&CODE),
        Need::COUNTS,
        Need::COMMITS,
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 512,
    timeout_s: 10,
    handler: |ctx| Box::pin(change(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChangeInput {
    /// The present one; left out where the account has none: then the log-in must be of the last 15 minutes.
    #[schemars(length(max = 128))]
    old_password: Option<String>,
    #[schemars(length(min = 8, max = 128))]
    new_password: String,
}

pub fn spec() -> Spec {
    Spec::new("Sets a new password and ends every other session of the account.")
        .body::<PasswordChangeInput>()
        .empty(204, "It is changed.")
        .problem(401, "invalid_credentials")
        .problem(401, "session_revoked")
        .problem(403, "login_required")
        .problem(429, "account_locked")
}

async fn change(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<PasswordChangeInput>()?;
    let mut hash = None;
    loop {
        let (user, session) = accounts::caller(ctx).await?;
        let hash = match &hash {
            Some(hash) => hash,
            None => hash.insert(proved(ctx, &user, session.as_ref(), &given).await?),
        };
        // A link to set it anew that was asked for before, by whomever, is good no longer.
        let link = ctx.find::<Code>(&Purpose::ResetPassword.key(user.id)).await?;
        let change = AccountChange::of(scene(ctx), &user).change_password(hash.clone(), session.as_ref());
        let change = change.with(|changes| link.iter().fold(changes, Changes::remove));
        let reply = Reply::no_content();
        if refused::kept(ctx, ctx.commit(change.done().1, &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// The new password's hash, once the old one is shown; for a first one, once somebody logged in just now.
async fn proved(
    ctx: &Ctx,
    user: &User,
    session: Option<&Session>,
    given: &PasswordChangeInput,
) -> Result<String, Problem> {
    let mut check = Check::new();
    let about = [user.email.as_deref().unwrap_or_default(), &user.name];
    let new = check.field("new_password", NewPassword::parse(&given.new_password, &about));
    let missing = || bharatmart_core::Invalid::new("missing_field", "must be given");
    let old = match &given.old_password {
        _ if user.password_hash.is_none() => Some(None),
        Some(old) => check.field("old_password", input::password(old)).map(Some),
        None => check.field("old_password", Err(missing())),
    };
    let (new, old) = input::all(check, new.zip(old))?;
    match old {
        Some(old) => lock::confirm_password(ctx, user, old).await?,
        None => accounts::logged_in_just_now(ctx, session)?,
    }
    Ok(ctx.hash_password(new.reveal()).await?)
}
