//! Log out: this session, or every one of the account.

use bharatmart_core::identity::{AccountChange, Action, Actor, SESSION, Session, USER};
use bharatmart_core::{Expect, RecordKey, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Caller, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps::scene::scene;
use super::steps::{accounts, input, refused, tokens};

pub static ROUTE: Route = Route {
    name: "auth-logout",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/logout",
    summary: "Log out",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&SESSION), Need::reads(&USER), Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(logout(ctx)),
};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoutInput {
    /// Every session of the account, on whatever device.
    #[serde(default)]
    all_devices: bool,
}

pub fn spec() -> Spec {
    Spec::new("Ends the session of this token, or all of the account. Access tokens given out end by themselves.")
        .body::<LogoutInput>()
        .empty(204, "Logged out.")
        .problem(401, "session_revoked")
}

async fn logout(ctx: &Ctx) -> Result<Reply, Problem> {
    let given: LogoutInput = input::optional(ctx)?;
    let caller = ctx.user()?;
    let reply = tokens::clear_cookie(ctx, Reply::no_content());
    loop {
        let done = if given.all_devices { all(ctx, &reply).await? } else { this(ctx, caller, &reply).await? };
        if done {
            return Ok(reply);
        }
    }
}

/// A token that outlived its session must not shut out those who ended it.
async fn all(ctx: &Ctx, reply: &Reply) -> Result<bool, Problem> {
    let (user, _) = accounts::caller(ctx).await?;
    let (_, changes) = AccountChange::of(scene(ctx), &user).end_sessions().done();
    refused::kept(ctx, ctx.commit(changes, reply).await).await
}

/// An outside issuer's session is not ours to end.
async fn this(ctx: &Ctx, caller: &Caller, reply: &Reply) -> Result<bool, Problem> {
    let Some(id) = caller.session else { return Ok(true) };
    let session = ctx.find::<Session>(&RecordKey::of_user(caller.user, id)).await?;
    let scene = scene(ctx);
    let Some(session) = session.filter(|session| !session.has_ended(scene.now())) else { return Ok(true) };
    let entry = scene.audit(Action::Logout, Actor::User(caller.user), caller.user).detail("session", id.to_string());
    let changes = session.revoked(scene.now()).put(scene.changes()).put(&entry, Expect::New);
    refused::kept(ctx, ctx.commit(changes, reply).await).await
}
