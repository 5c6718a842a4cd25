//! End a session of one's own.

use bharatmart_core::SessionId;
use bharatmart_core::identity::{Action, Actor, SESSION, Session, USER};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, refused};
use crate::mine;

pub static ROUTE: Route = Route {
    name: "sessions-end",
    service: "identity",
    method: Method::DELETE,
    path: "/api/v1/users/me/sessions/{id}",
    summary: "End a session",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&SESSION), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(end(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Logs a device out: its refresh token is good for nothing from now on.")
        .path("id", "The session's id.", "ses_0199a3b1c2d37e4f8a5b6c7d8e9f0a1b")
        .empty(204, "Ended.")
        .problem(401, "session_revoked")
        .problem(404, "not_found")
}

async fn end(ctx: &Ctx) -> Result<Reply, Problem> {
    // A token that outlived its session must not shut out those who ended it.
    let (user, _) = accounts::caller(ctx).await?;
    let key = mine::key::<SessionId>(ctx, &user, "session")?;
    loop {
        let now = ctx.clock().now();
        let session = ctx.find::<Session>(&key).await?.filter(|session| session.holds(&user, now));
        let session = session.ok_or_else(|| Problem::not_found("session"))?;
        let entry = scene(ctx).audit(Action::SessionRevoked, Actor::User(user.id), user.id);
        let changes = scene(ctx).told(&entry.detail("session", session.id.to_string()));
        let reply = Reply::no_content();
        if refused::kept(ctx, ctx.commit(session.revoked(now).put(changes), &reply).await).await? {
            return Ok(reply);
        }
    }
}
