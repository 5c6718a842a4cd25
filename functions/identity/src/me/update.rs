//! Change one's name, e-mail address, phone or picture.

use bharatmart_core::identity::lock::{SENDS, SENDS_WINDOW, email_sends_counter};
use bharatmart_core::identity::profile::{self, LastWayIn};
use bharatmart_core::identity::{PENDING_EMAIL, ProfileChange, ProfileInput, SESSION, USER, User, UserView};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, refused};
use crate::mine;

pub static ROUTE: Route = Route {
    name: "me-update",
    service: "identity",
    method: Method::PATCH,
    path: "/api/v1/users/me",
    summary: "Change one's account",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::reads(&PENDING_EMAIL),
        Need::COUNTS,
        Need::COMMITS,
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "What is absent stays; null takes it away. A new e-mail address is sent a link, and takes the former's place \
         once that is used; a new phone number is proved with a code (auth/otp/send, auth/otp/verify). To \
         change or take away either, the log-in must be of the last 15 minutes; whoever reads the former one is told.",
    )
    .body::<ProfileInput>()
    .answer::<UserView>(200, "The account as it is now.")
    .problem(401, "session_revoked")
    .problem(403, "login_required")
    .problem(409, "last_way_in")
    .if_match(412, "version_changed")
    .problem(429, "rate_limited")
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    let change = ProfileChange::parse(ctx.json::<ProfileInput>()?).map_err(Problem::invalid)?;
    let mut counted = false;
    loop {
        let (user, session) = accounts::caller(ctx).await?;
        ctx.if_match(user.version)?;
        if change.moves_way_in(&user) {
            accounts::logged_in_just_now(ctx, session.as_ref())?;
        }
        if change.to_prove(&user).is_some() && !std::mem::replace(&mut counted, true) {
            count_send(ctx, &user).await?;
        }
        let pending = mine::pending_email(ctx, &user).await?;
        let updated = profile::update(scene(ctx), &user, &change, pending.as_ref()).map_err(last_way_in)?;
        let reply = Reply::ok(&UserView::of(&updated.user))?.version(updated.user.version);
        let Some(changes) = updated.changes else { return Ok(reply) };
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// So that nobody has a stranger's mailbox filled.
async fn count_send(ctx: &Ctx, user: &User) -> Result<(), Problem> {
    let counted = ctx.count(&email_sends_counter(user.id), 1, SENDS_WINDOW).await?;
    if counted.value > SENDS {
        return Err(refused::too_often("rate_limited", "Too many links were asked for; wait.", &counted));
    }
    Ok(())
}

fn last_way_in(LastWayIn(field): LastWayIn) -> Problem {
    let detail = format!("The {field} is the only proved way into this account; prove another first.");
    Problem::conflict("last_way_in", detail)
}
