//! The caller's own account.

use bharatmart_core::identity::{USER, UserView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::mine;

pub static ROUTE: Route = Route {
    name: "me-get",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/users/me",
    summary: "Read one's account",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("The account of whoever asks.")
        .answer::<UserView>(200, "The account.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(401, "session_revoked")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let user = mine::account(ctx).await?;
    Ok(Reply::ok(&UserView::of(&user))?.version(user.version))
}
