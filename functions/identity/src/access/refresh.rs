//! Exchange a refresh token for the next one and a new access token.

use bharatmart_core::identity::refresh::{Verdict, judge};
use bharatmart_core::identity::{Action, Actor, Keys, RefreshToken, SESSION, Session, USER, User};
use bharatmart_core::{Expect, Notice, RecordKey, queues};
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps::scene::scene;
use super::steps::tokens::{self, COOKIE, TokensView};
use super::steps::{accounts, input, refused};

pub static ROUTE: Route = Route {
    name: "tokens-refresh",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/token/refresh",
    summary: "Refresh tokens",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&SESSION),
        Need::reads(&USER),
        Need::COMMITS,
        Need::ISSUES_TOKENS,
        Need::secret(REFRESH_KEY),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(refresh(ctx)),
};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshInput {
    /// Left out by a browser that has it in the cookie; then X-CSRF-Token must be sent.
    refresh_token: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new(
        "Gives the next refresh token and a new access token. A repetition within ten seconds is given the same; any \
         older token ends the session.",
    )
    .body::<RefreshInput>()
    .answer::<TokensView>(200, "The next tokens.")
    .problem(401, "token_invalid")
    .problem(401, "token_expired")
    .problem(401, "session_revoked")
    .problem(403, "csrf_token_invalid")
}

async fn refresh(ctx: &Ctx) -> Result<Reply, Problem> {
    let keys = ctx.keys(REFRESH_KEY).await?;
    let (presented, in_cookie) = presented(ctx, &keys)?;
    loop {
        let (session, user) = found(ctx, &presented).await?;
        let token = match judge(&session, &presented, &keys, ctx.clock().now()) {
            Verdict::Rotate { session, token } => {
                let seen = Session { address: Some(ctx.address().to_owned()), ..session };
                if !refused::kept(ctx, ctx.note(seen.put(scene(ctx).changes())).await).await? {
                    continue;
                }
                token
            }
            Verdict::Repeat(token) => token,
            Verdict::Reuse => {
                if !end(ctx, &session).await? {
                    continue;
                }
                return Err(refused::session_revoked());
            }
            Verdict::Ended => return Err(refused::session_revoked()),
        };
        let (view, cookie) = tokens::tokens(ctx, &user, session.id, &token, in_cookie).await?;
        return Ok(tokens::with(Reply::ok(&view)?, cookie));
    }
}

/// The token, and whether it goes back into the cookie. A browser sends a cookie by itself, so that another site could
/// have made it ask: it must show that it can read what the shop answers.
fn presented(ctx: &Ctx, keys: &Keys) -> Result<(RefreshToken, bool), Problem> {
    let given: RefreshInput = input::optional(ctx)?;
    if let Some(text) = given.refresh_token {
        let token = RefreshToken::parse(&text).ok_or_else(refused::token_invalid)?;
        return Ok((token, tokens::asks_for_cookie(ctx)));
    }
    let Some(cookie) = ctx.cookie(COOKIE) else {
        return Err(Problem::field("refresh_token", "missing_field", "must be given, here or as the cookie"));
    };
    let token = RefreshToken::parse(cookie).ok_or_else(refused::token_invalid)?;
    if !token.has_csrf_token(ctx.header("x-csrf-token").unwrap_or_default(), keys) {
        return Err(refused::csrf_token_invalid());
    }
    Ok((token, true))
}

/// The session and whose it is, both in force.
async fn found(ctx: &Ctx, token: &RefreshToken) -> Result<(Session, User), Problem> {
    let session = ctx.find::<Session>(&RecordKey::of_user(token.user, token.session)).await?;
    let session = session.ok_or_else(refused::token_invalid)?;
    let user = accounts::user(ctx, token.user).await?.ok_or_else(refused::session_revoked)?;
    let now = ctx.clock().now();
    if session.holds(&user, now) {
        return Ok((session, user));
    }
    let expired = session.revoked_at.is_none() && session.expires_at <= now;
    Err(if expired { refused::token_expired() } else { refused::session_revoked() })
}

/// Somebody else has a token of this session: neither side goes on with it, and its owner is told.
async fn end(ctx: &Ctx, session: &Session) -> Result<bool, Problem> {
    let scene = scene(ctx);
    let user_id = session.user_id;
    let entry = scene.audit(Action::RefreshReused, Actor::Guest, user_id).detail("session", session.id.to_string());
    let notice = Notice::SessionEnded { user_id }.event(scene.tenant, scene.clock, scene.ids);
    let changes = session.revoked(scene.now()).put(scene.changes()).put(&entry, Expect::New).event(notice);
    refused::kept(ctx, ctx.note(changes).await).await
}
