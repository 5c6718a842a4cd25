//! Where one is logged in.

use bharatmart_core::identity::{SESSION, Session, SessionView, USER};
use bharatmart_core::record::Listing;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::mine;

pub static ROUTE: Route = Route {
    name: "sessions-list",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/users/me/sessions",
    summary: "List one's sessions",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&SESSION), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("The sessions that have not ended, newest first."))
        .answer::<Page<SessionView>>(200, "A page of sessions.")
        .problem(401, "session_revoked")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    query.finish()?;
    let user = mine::account(ctx).await?;
    let (now, current) = (ctx.clock().now(), ctx.user()?.session);
    let show = |session: &Session| session.holds(&user, now).then(|| SessionView::of(session, current));
    let of_user = user.id.to_string();
    page::answer(ctx, &wanted, Listing::Within(&of_user), |session: &Session| session.id.to_string(), show).await
}
