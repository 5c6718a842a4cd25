//! The second step of a log-in: a code of the app, or a recovery code.

use bharatmart_core::identity::code::Token;
use bharatmart_core::identity::{
    AccountChange, Action, Actor, By, CODE, Code, DeviceName, Mfa, Purpose, USER, User, UserStatus, log_in,
};
use bharatmart_core::{Check, queues};
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::steps::scene::{device, scene};
use crate::access::steps::tokens::{self, EnteredView};
use crate::access::steps::{accounts, codes, factor, input, refused};

pub static ROUTE: Route = Route {
    name: "mfa-verify",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/mfa/verify",
    summary: "Show the second factor at log-in",
    access: Access::Public,
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&CODE),
        Need::reads(&USER),
        Need::COUNTS,
        Need::COMMITS,
        Need::VAULT,
        Need::ISSUES_TOKENS,
        Need::secret(REFRESH_KEY),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(verify(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaVerifyInput {
    mfa_token: String,
    /// Six digits of the app, or a recovery code.
    #[schemars(length(max = 64))]
    code: String,
    /// What to call this device in the list of sessions.
    #[schemars(length(min = 1, max = 100))]
    device_name: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new("Ends a log-in that asked for the second factor. Five tries, five minutes; each code is good once.")
        .body::<MfaVerifyInput>()
        .answer::<EnteredView>(200, "The account and its tokens.")
        .problem(401, "otp_invalid")
        .problem(401, "token_invalid")
        .problem(401, "token_expired")
        .problem(429, "otp_attempts_exceeded")
}

async fn verify(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<MfaVerifyInput>()?;
    let mut check = Check::new();
    let name = given.device_name.as_deref().and_then(|name| check.field("device_name", DeviceName::parse(name)));
    input::all(check, Some(()))?;
    let token = Token::parse(&given.mfa_token, Purpose::SecondFactor).ok_or_else(refused::token_invalid)?;
    loop {
        let since = ctx.clock().now();
        let (held, user) = held(ctx, &token).await?;
        let mfa = prove(ctx, &user, &given.code).await?;
        let change = AccountChange::of(scene(ctx), &user).used_factor(mfa).with(|changes| changes.remove(&held));
        let (user, changes) = change.done();
        let entered = log_in(scene(ctx), user, By::SecondFactor, since, device(ctx, name.clone()), changes);
        let (reply, changes) = tokens::entered(ctx, StatusCode::OK, entered).await?;
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// What the first step left, with this try counted, and whose it is. A password that was reset since makes it void.
async fn held(ctx: &Ctx, token: &Token) -> Result<(Code, User), Problem> {
    let code =
        codes::tried(ctx, &token.key(), refused::token_expired).await?.filter(|code| code.matches(&token.secret));
    let code = code.ok_or_else(refused::token_invalid)?;
    let user = match code.user_id {
        Some(id) => accounts::user(ctx, id).await?,
        None => None,
    };
    let good = |user: &User| user.status == UserStatus::Active && code.holds(user);
    let user = user.filter(good).ok_or_else(refused::token_invalid)?;
    Ok((code, user))
}

async fn prove(ctx: &Ctx, user: &User, code: &str) -> Result<Mfa, Problem> {
    let mfa = factor::confirmed(user).ok_or_else(refused::token_invalid)?;
    if let Some(used) = factor::used(ctx, user, mfa, code).await? {
        return Ok(used);
    }
    let scene = scene(ctx);
    let entry = scene.audit(Action::LoginFailed, Actor::Guest, user.id).detail("by", "second_factor");
    ctx.note(scene.told(&entry)).await?;
    Err(refused::otp_invalid())
}
