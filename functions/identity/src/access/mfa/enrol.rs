//! Begin a second factor: the secret for an authenticator app.

use bharatmart_core::identity::{AccountChange, SESSION, Session, USER, User, second_factor, totp};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, factor, input, lock, refused};

/// What the app shows the account under.
const ISSUER: &str = "BharatMart";

pub static ROUTE: Route = Route {
    name: "mfa-enrol",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/users/me/mfa",
    summary: "Begin a second factor",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::COUNTS,
        Need::COMMITS,
        Need::VAULT,
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 512,
    timeout_s: 10,
    handler: |ctx| Box::pin(enrol(ctx)),
};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaEnrolInput {
    /// Once more, where the account has one; else the log-in must be of the last 15 minutes.
    #[schemars(length(max = 128))]
    password: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct MfaEnrolled {
    /// To be typed into the app, in base32.
    secret: String,
    /// The same for a QR code.
    otpauth_uri: String,
}

pub fn spec() -> Spec {
    Spec::new("Makes a secret for an authenticator app. It is asked for at log-in once a first code confirmed it.")
        .body::<MfaEnrolInput>()
        .answer::<MfaEnrolled>(200, "The secret; it is shown this once.")
        .problem(401, "invalid_credentials")
        .problem(403, "login_required")
        .problem(409, "mfa_enabled")
        .problem(429, "account_locked")
}

async fn enrol(ctx: &Ctx) -> Result<Reply, Problem> {
    let given: MfaEnrolInput = input::optional(ctx)?;
    loop {
        let (user, session) = accounts::caller(ctx).await?;
        if factor::confirmed(&user).is_some() {
            return Err(Problem::conflict("mfa_enabled", "There is a second factor; remove it first."));
        }
        confirm(ctx, &user, session.as_ref(), given.password.as_deref()).await?;
        let secret = totp::secret(ctx.random());
        let sealed = ctx.vault().await?.seal(&second_factor::vault_purpose(user.id), &secret);
        let sealed = sealed.map_err(|error| Problem::internal(format!("a secret cannot be sealed: {error}")))?;
        let account = user.email.as_deref().or(user.phone.as_deref()).unwrap_or("account");
        let otpauth_uri = totp::uri(ISSUER, account, &secret);
        let reply = Reply::ok(&MfaEnrolled { secret: totp::base32(&secret), otpauth_uri })?;
        let (_, changes) = AccountChange::of(scene(ctx), &user).enrol_mfa(sealed).done();
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// Whoever finds an unlocked phone must not lock its owner out.
async fn confirm(ctx: &Ctx, user: &User, session: Option<&Session>, password: Option<&str>) -> Result<(), Problem> {
    if user.password_hash.is_none() {
        return accounts::logged_in_just_now(ctx, session);
    }
    let missing = || Problem::field("password", "missing_field", "must be given");
    let password = password.ok_or_else(missing)?;
    let invalid = |invalid: bharatmart_core::Invalid| Problem::field("password", invalid.code, invalid.message);
    lock::confirm_password(ctx, user, input::password(password).map_err(invalid)?).await
}
