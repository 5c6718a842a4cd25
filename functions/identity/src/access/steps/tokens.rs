//! Giving out tokens: in the body, or to a browser that asks for it with the refresh token in a cookie that no script
//! can read.

use bharatmart_core::identity::code::{self, Wanted};
use bharatmart_core::identity::{By, Device, Entered, Purpose, RefreshToken, User, UserView, log_in, refresh};
use bharatmart_core::{Changes, SessionId, Timestamp};
use bharatmart_runtime::auth::TOKEN_LIFE;
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::StatusCode;
use bharatmart_runtime::{Ctx, Problem, Reply};
use schemars::JsonSchema;
use serde::Serialize;

use super::factor;
use super::scene::scene;

pub const COOKIE: &str = "refresh_token";

#[derive(Serialize, JsonSchema)]
pub struct TokensView {
    pub access_token: String,
    /// Absent when it went into the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// To be sent as X-CSRF-Token with the cookie; there when the refresh token went into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// Always Bearer.
    pub token_type: &'static str,
    /// Seconds the access token is good for.
    pub expires_in: u64,
}

#[derive(Serialize, JsonSchema)]
pub struct EnteredView {
    pub user: UserView,
    pub tokens: TokensView,
}

/// What a login answers: user and tokens, or the token for the second step.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes to OpenAPI what is written by its parts")]
pub enum LoginView {
    Entered(Box<EnteredView>),
    SecondFactor(MfaRequired),
}

#[derive(Serialize, JsonSchema)]
pub struct MfaRequired {
    /// Always true.
    pub mfa_required: bool,
    /// For auth/mfa/verify, within five minutes.
    pub mfa_token: String,
}

/// Somebody is in: the answer, and what to commit for it.
pub async fn entered(ctx: &Ctx, status: StatusCode, entered: Entered) -> Result<(Reply, Changes), Problem> {
    let Entered { user, session, token, changes } = entered;
    let (tokens, cookie) = tokens(ctx, &user, session, &token, asks_for_cookie(ctx)).await?;
    let reply = Reply::json(status, &EnteredView { user: UserView::of(&user), tokens })?;
    Ok((with(reply, cookie), changes))
}

/// Somebody showed who they are: in, or asked for the second factor. `since`: a moment before the account was read;
/// what ends its sessions meanwhile ends this. `changes` goes into the same commit.
pub async fn let_in(
    ctx: &Ctx,
    user: User,
    by: By,
    since: Timestamp,
    device: Device,
    changes: Changes,
) -> Result<(Reply, Changes), Problem> {
    if factor::confirmed(&user).is_none() {
        return entered(ctx, StatusCode::OK, log_in(scene(ctx), user, by, since, device, changes)).await;
    }
    let what = ctx.ids().uuid().simple().to_string();
    let wanted = Wanted { purpose: Purpose::SecondFactor, what: &what, user_id: Some(user.id), target: None };
    let held = code::make(&wanted, None, since, ctx.random());
    let reply = Reply::ok(&MfaRequired { mfa_required: true, mfa_token: held.secret.clone() })?;
    Ok((reply, held.put(changes)))
}

/// The tokens of a session, and the cookie to set.
pub async fn tokens(
    ctx: &Ctx,
    user: &User,
    session: SessionId,
    token: &RefreshToken,
    in_cookie: bool,
) -> Result<(TokensView, Option<String>), Problem> {
    let access_token = ctx.access_token(user, session).await?;
    let view = TokensView {
        access_token,
        refresh_token: None,
        csrf_token: None,
        token_type: "Bearer",
        expires_in: TOKEN_LIFE.as_secs(),
    };
    if !in_cookie {
        return Ok((TokensView { refresh_token: Some(token.reveal()), ..view }, None));
    }
    let csrf_token = Some(token.csrf_token(&ctx.keys(REFRESH_KEY).await?));
    Ok((TokensView { csrf_token, ..view }, Some(cookie(ctx, &token.reveal(), refresh::LIFE.as_secs()))))
}

pub fn with(reply: Reply, cookie: Option<String>) -> Reply {
    cookie.into_iter().fold(reply, |reply, cookie| reply.header("Set-Cookie", cookie))
}

/// A browser that wants no token where scripts could read it.
pub fn asks_for_cookie(ctx: &Ctx) -> bool {
    ctx.header("x-session-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("cookie"))
}

/// Takes the cookie from a browser that has one.
pub fn clear_cookie(ctx: &Ctx, reply: Reply) -> Reply {
    let has_one = asks_for_cookie(ctx) || ctx.cookie(COOKIE).is_some();
    with(reply, has_one.then(|| cookie(ctx, "", 0)))
}

/// Only on a developer's machine is there a shop without TLS.
fn cookie(ctx: &Ctx, value: &str, seconds: u64) -> String {
    let secure = if ctx.config().app_env.is_private() { "" } else { "; Secure" };
    format!("{COOKIE}={value}; Path=/api/v1/auth; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}
