//! The banners of the shop's first page, as they are shown now.

use bharatmart_core::catalog::BANNER;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::Banners;

pub static ROUTE: Route = Route {
    name: "banners-list",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/banners",
    summary: "List the banners shown now",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&BANNER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Those that are shown now, in their order.")
        .answer::<Banners>(200, "The banners.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let now = ctx.clock().now();
    let page = super::page(ctx, |banner| banner.is_shown(now)).await?;
    Ok(Reply::ok(&page)?.header("Cache-Control", "public, max-age=30"))
}
