//! Change a banner.

use bharatmart_core::Permission;
use bharatmart_core::catalog::BANNER;
use bharatmart_core::catalog::banners::{self, BannerChangeInput, BannerView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "banners-update",
    service: "catalog",
    method: Method::PATCH,
    path: "/api/v1/banners/{id}",
    summary: "Change a banner",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&BANNER), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What is absent stays.")
        .path("id", "The banner's id.", super::EXAMPLE)
        .body::<BannerChangeInput>()
        .answer::<BannerView>(200, "The banner as it is now.")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let input = ctx.json::<BannerChangeInput>()?;
    loop {
        let banner = super::named(ctx).await?;
        ctx.if_match(banner.version)?;
        let changed = banners::change(ctx.hand(), &banner, &input).map_err(Problem::invalid)?;
        let Some((next, changes)) = changed else { return super::shown(&banner) };
        let reply = super::shown(&next)?;
        if kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
