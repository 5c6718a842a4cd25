//! Take a banner down.

use bharatmart_core::Permission;
use bharatmart_core::catalog::{BANNER, banners};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "banners-delete",
    service: "catalog",
    method: Method::DELETE,
    path: "/api/v1/banners/{id}",
    summary: "Take a banner down",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&BANNER), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Takes it down for good.")
        .path("id", "The banner's id.", super::EXAMPLE)
        .empty(204, "Taken down.")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    loop {
        let banner = super::named(ctx).await?;
        ctx.if_match(banner.version)?;
        let reply = Reply::no_content();
        if kept(ctx, ctx.commit(banners::remove(ctx.hand(), &banner), &reply).await).await? {
            return Ok(reply);
        }
    }
}
