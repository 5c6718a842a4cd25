//! Have a link sent by which a forgotten password is set anew.

use bharatmart_core::identity::{Email, Purpose};
use bharatmart_core::{Check, Notice, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::otp::send::Sent;
use crate::access::steps::input;
use crate::access::steps::scene::scene;

pub static ROUTE: Route = Route {
    name: "password-forgot",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/password/forgot",
    summary: "Ask for a link to set a forgotten password anew",
    access: Access::Public,
    limit: Limit::Codes,
    idempotency: Idempotency::None,
    needs: &[Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(forgot(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordForgotInput {
    #[schemars(length(max = 254))]
    email: String,
}

pub fn spec() -> Spec {
    Spec::new("Sends a link to the address if it has an account. The answer is the same if it has none.")
        .body::<PasswordForgotInput>()
        .answer::<Sent>(202, "If there is an account, a link is on its way.")
}

async fn forgot(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<PasswordForgotInput>()?;
    let mut check = Check::new();
    let email = check.field("email", Email::parse(&given.email));
    let email = input::all(check, email)?;
    let scene = scene(ctx);
    let notice = Notice::ResetPassword { email: email.into() }.event(scene.tenant, scene.clock, scene.ids);
    let reply = Sent::reply(Purpose::ResetPassword.life())?;
    ctx.commit(scene.changes().event(notice), &reply).await?;
    Ok(reply)
}
