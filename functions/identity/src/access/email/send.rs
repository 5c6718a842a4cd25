//! Have the link that proves one's e-mail address sent again.

use bharatmart_core::identity::lock::{SENDS, SENDS_WINDOW, email_sends_counter};
use bharatmart_core::identity::{Purpose, SESSION, USER};
use bharatmart_core::{Notice, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::access::otp::send::Sent;
use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, refused};

pub static ROUTE: Route = Route {
    name: "email-send",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/email/send",
    summary: "Send the link that proves the e-mail address again",
    access: Access::user(),
    limit: Limit::Codes,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::COUNTS,
        Need::COMMITS,
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(send(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Sends a link to the address that is not proved yet. At most five an hour.")
        .answer::<Sent>(202, "A link is on its way; former ones are good no longer.")
        .problem(409, "nothing_to_prove")
        .problem(429, "rate_limited")
}

async fn send(ctx: &Ctx) -> Result<Reply, Problem> {
    let (user, _) = accounts::caller(ctx).await?;
    let unproved = user.new_email.or(user.email.filter(|_| !user.email_verified));
    let none = || Problem::conflict("nothing_to_prove", "There is no e-mail address that is not proved.");
    let email = unproved.ok_or_else(none)?;
    let counted = ctx.count(&email_sends_counter(user.id), 1, SENDS_WINDOW).await?;
    if counted.value > SENDS {
        return Err(refused::too_often("rate_limited", "Enough links were sent for now.", &counted));
    }
    let scene = scene(ctx);
    let notice = Notice::VerifyEmail { user_id: user.id, email }.event(scene.tenant, scene.clock, scene.ids);
    let reply = Sent::reply(Purpose::VerifyEmail.life())?;
    ctx.commit(scene.changes().event(notice), &reply).await?;
    Ok(reply)
}
