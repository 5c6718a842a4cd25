//! Every banner, whenever it is shown.

use bharatmart_core::Permission;
use bharatmart_core::catalog::BANNER;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::Banners;

pub static ROUTE: Route = Route {
    name: "banners-list-all",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/admin/banners",
    summary: "List all banners",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&BANNER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Every banner: past, shown now and to come.").answer::<Banners>(200, "The banners.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    Reply::ok(&super::page(ctx, |_| true).await?)
}
