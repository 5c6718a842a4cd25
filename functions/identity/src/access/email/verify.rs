//! Prove an e-mail address by the token of a link that was sent there.

use bharatmart_core::identity::{AccountChange, CODE, Purpose, USER, UserView};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, codes, refused};

pub static ROUTE: Route = Route {
    name: "email-verify",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/email/verify",
    summary: "Prove an e-mail address",
    access: Access::Public,
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&CODE), Need::reads(&USER), Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(verify(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailVerifyInput {
    /// Of the link that was sent.
    token: String,
}

#[derive(Serialize, JsonSchema)]
pub struct EmailProved {
    user: UserView,
}

pub fn spec() -> Spec {
    Spec::new("Proves the address the link was sent to: from now on it logs in to this account and no other.")
        .body::<EmailVerifyInput>()
        .answer::<EmailProved>(200, "The account with the address.")
        .problem(401, "token_invalid")
        .problem(401, "token_expired")
        .problem(409, "email_taken")
}

async fn verify(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<EmailVerifyInput>()?;
    loop {
        let code = codes::of_token(ctx, &given.token, Purpose::VerifyEmail).await?;
        let (Some(id), Some(email)) = (code.user_id, code.target.as_deref()) else {
            return Err(refused::token_invalid());
        };
        let user = accounts::user(ctx, id).await?.filter(|user| code.holds(user)).ok_or_else(refused::token_invalid)?;
        let change = AccountChange::of(scene(ctx), &user).prove_email(email).ok_or_else(refused::token_invalid)?;
        let (user, changes) = change.with(|changes| changes.remove(&code)).done();
        let reply = Reply::ok(&EmailProved { user: UserView::of(&user) })?;
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
