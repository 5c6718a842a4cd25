//! Log in by e-mail address and password.

use bharatmart_core::identity::{
    AccountChange, By, DeviceName, Email, PENDING_EMAIL, PasswordCheck, USER, User, UserStatus,
};
use bharatmart_core::{Check, queues};
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::steps::lock::Knock;
use super::steps::scene::{device, scene};
use super::steps::tokens::{self, LoginView};
use super::steps::{accounts, input, refused};

pub static ROUTE: Route = Route {
    name: "auth-login",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/login",
    summary: "Log in",
    access: Access::Public,
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::READS_CLAIMS,
        Need::reads(&PENDING_EMAIL),
        Need::reads(&USER),
        Need::COUNTS,
        Need::COMMITS,
        Need::ISSUES_TOKENS,
        Need::secret(REFRESH_KEY),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 512,
    timeout_s: 10,
    handler: |ctx| Box::pin(login(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginInput {
    #[schemars(length(max = 254))]
    email: String,
    #[schemars(length(max = 128))]
    password: String,
    /// What to call this device in the list of sessions.
    #[schemars(length(min = 1, max = 100))]
    device_name: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new("Begins a session. An account with a second factor is given an mfa_token for auth/mfa/verify instead.")
        .body::<LoginInput>()
        .answer::<LoginView>(200, "The account and its tokens, or a token for the second step.")
        .problem(401, "invalid_credentials")
        .problem(403, "account_disabled")
        .problem(429, "account_locked")
}

async fn login(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<LoginInput>()?;
    let mut check = Check::new();
    let email = check.field("email", Email::parse(&given.email));
    let password = check.field("password", input::password(&given.password));
    let name = given.device_name.as_deref().and_then(|name| check.field("device_name", DeviceName::parse(name)));
    let (email, password) = input::all(check, email.zip(password))?;

    let since = ctx.clock().now();
    let user = prove(ctx, &email, password).await?;
    let device = device(ctx, name);
    let (reply, changes) = tokens::let_in(ctx, user, By::Password, since, device, scene(ctx).changes()).await?;
    ctx.commit(changes, &reply).await?;
    Ok(reply)
}

/// The account, when the password is its own. Whether there is one, nobody else can tell: neither by the answer nor by
/// the time it takes.
async fn prove(ctx: &Ctx, email: &Email, password: &str) -> Result<User, Problem> {
    let user = accounts::by_email(ctx, email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let knock = Knock::at(ctx, email.as_str(), password, hash).await?;
    let PasswordCheck { right, rehash } = knock.check;
    let user = match user {
        Some(user) if right => user,
        other => {
            knock.wrong(ctx, other.as_ref()).await?;
            return Err(refused::invalid_credentials());
        }
    };
    knock.right(ctx).await?;
    if user.status != UserStatus::Active {
        return Err(refused::account_disabled());
    }
    if rehash {
        let hash = ctx.hash_password(password).await?;
        // When the account changed meanwhile, the next login does it.
        refused::settled(ctx.note(AccountChange::of(scene(ctx), &user).rehash(hash).done().1).await)?;
    }
    Ok(user)
}
