//! Put up a banner.

use bharatmart_core::Permission;
use bharatmart_core::catalog::banners::{self, BannerInput, BannerView};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "banners-create",
    service: "catalog",
    method: Method::POST,
    path: "/api/v1/banners",
    summary: "Put up a banner",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Puts up a banner for a window of time.")
        .body::<BannerInput>()
        .answer::<BannerView>(201, "The banner as it was put up.")
        .problem(409, "request_in_progress")
        .problem(422, "idempotency_key_reused")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (banner, changes) = banners::create(ctx.hand(), ctx.json::<BannerInput>()?).map_err(Problem::invalid)?;
    let reply = Reply::json(StatusCode::CREATED, &BannerView::from(&banner))?.version(banner.version);
    let reply = reply.header("Location", format!("/api/v1/banners/{}", banner.id));
    ctx.commit(changes, &reply).await?;
    Ok(reply)
}
