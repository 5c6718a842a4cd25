//! One account.

use bharatmart_core::Permission;
use bharatmart_core::identity::{USER, UserView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "users-get",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/admin/users/{id}",
    summary: "Read a user",
    access: Access::may(Permission::ReadUsers),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One account of the shop; a deleted one without what told who it was.")
        .path("id", "The user's id.", super::EXAMPLE)
        .answer::<UserView>(200, "The account.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let user = super::named(ctx).await?;
    Ok(Reply::ok(&UserView::for_admin(&user))?.version(user.version))
}
