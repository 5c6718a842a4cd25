//! Confirm a second factor by a first code, and be given recovery codes.

use bharatmart_core::identity::{AccountChange, SESSION, USER, recovery};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, factor, refused};

pub static ROUTE: Route = Route {
    name: "mfa-confirm",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/users/me/mfa/confirm",
    summary: "Confirm a second factor",
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
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(confirm(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaConfirmInput {
    /// Six digits the app shows now.
    #[schemars(length(max = 64))]
    code: String,
}

#[derive(Serialize, JsonSchema)]
pub struct RecoveryCodes {
    /// Ten, each good once in place of a code of the app. They are shown this once.
    recovery_codes: Vec<String>,
}

pub fn spec() -> Spec {
    Spec::new("Shows that the app has the secret. From now on log-in asks for a code.")
        .body::<MfaConfirmInput>()
        .answer::<RecoveryCodes>(200, "Codes for when the app is lost.")
        .problem(401, "otp_invalid")
        .problem(409, "mfa_enabled")
        .problem(409, "mfa_not_begun")
        .problem(429, "otp_attempts_exceeded")
}

async fn confirm(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<MfaConfirmInput>()?;
    loop {
        let (user, _) = accounts::caller(ctx).await?;
        let begun = match &user.mfa {
            Some(mfa) if mfa.confirmed => {
                return Err(Problem::conflict("mfa_enabled", "The second factor is confirmed already."));
            }
            Some(mfa) => mfa,
            None => return Err(Problem::conflict("mfa_not_begun", "Begin a second factor first.")),
        };
        let used = factor::used(ctx, &user, begun, &given.code).await?.ok_or_else(refused::otp_invalid)?;
        let (shown, kept) = recovery::make(user.id, ctx.random());
        let reply = Reply::ok(&RecoveryCodes { recovery_codes: shown })?;
        let (_, changes) = AccountChange::of(scene(ctx), &user).used_factor(used).confirm_mfa(kept).done();
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
