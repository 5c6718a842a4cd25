//! Set a password anew by the token of a link. Whoever has it reads the account's mail, so the address is proved too.

use bharatmart_core::identity::lock::Lock;
use bharatmart_core::identity::{AccountChange, CODE, NewPassword, Purpose, USER, UserStatus};
use bharatmart_core::{Check, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, codes, input, lock, refused};

pub static ROUTE: Route = Route {
    name: "password-reset",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/password/reset",
    summary: "Set a forgotten password anew",
    access: Access::Public,
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&CODE), Need::reads(&USER), Need::COUNTS, Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 512,
    timeout_s: 10,
    handler: |ctx| Box::pin(reset(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordResetInput {
    /// Of the link that was sent.
    token: String,
    /// The new one.
    #[schemars(length(min = 8, max = 128))]
    password: String,
}

pub fn spec() -> Spec {
    Spec::new("Sets a new password, proves the e-mail address, and ends every session. The token is good once.")
        .body::<PasswordResetInput>()
        .empty(204, "Log in with the new password.")
        .problem(401, "token_invalid")
        .problem(401, "token_expired")
        .problem(403, "account_disabled")
        .problem(409, "email_taken")
}

async fn reset(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<PasswordResetInput>()?;
    let mut hash = None;
    loop {
        let code = codes::of_token(ctx, &given.token, Purpose::ResetPassword).await?;
        let (Some(id), Some(email)) = (code.user_id, code.target.as_deref()) else {
            return Err(refused::token_invalid());
        };
        let user = accounts::user(ctx, id).await?.filter(|user| code.holds(user)).ok_or_else(refused::token_invalid)?;
        if user.status != UserStatus::Active {
            return Err(refused::account_disabled());
        }
        let hash = match &hash {
            Some(hash) => hash,
            None => {
                let mut check = Check::new();
                let password = check.field("password", NewPassword::parse(&given.password, &[email, &user.name]));
                hash.insert(ctx.hash_password(input::all(check, password)?.reveal()).await?)
            }
        };
        let change = AccountChange::of(scene(ctx), &user).reset_password(hash.clone(), email);
        let change = change.ok_or_else(refused::token_invalid)?.with(|changes| changes.remove(&code));
        let reply = Reply::no_content();
        if refused::kept(ctx, ctx.commit(change.done().1, &reply).await).await? {
            lock::forget(ctx, &Lock::of(email, &ctx.network())).await?;
            return Ok(reply);
        }
    }
}
