//! Take the second factor away, by showing it once more.

use bharatmart_core::identity::{AccountChange, SESSION, USER};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, factor, refused};

pub static ROUTE: Route = Route {
    name: "mfa-remove",
    service: "identity",
    method: Method::DELETE,
    path: "/api/v1/users/me/mfa",
    summary: "Remove the second factor",
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
    handler: |ctx| Box::pin(remove(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaRemoveInput {
    /// Six digits of the app, or a recovery code.
    #[schemars(length(max = 64))]
    code: String,
}

pub fn spec() -> Spec {
    Spec::new("Log-in asks for the password alone again.")
        .body::<MfaRemoveInput>()
        .empty(204, "It is removed.")
        .problem(401, "otp_invalid")
        .problem(409, "mfa_not_enabled")
        .problem(429, "otp_attempts_exceeded")
}

async fn remove(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<MfaRemoveInput>()?;
    loop {
        let (user, _) = accounts::caller(ctx).await?;
        let none = || Problem::conflict("mfa_not_enabled", "There is no second factor.");
        let mfa = factor::confirmed(&user).ok_or_else(none)?;
        factor::used(ctx, &user, mfa, &given.code).await?.ok_or_else(refused::otp_invalid)?;
        let reply = Reply::no_content();
        let (_, changes) = AccountChange::of(scene(ctx), &user).remove_mfa().done();
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
