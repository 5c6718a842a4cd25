//! A product for who manages it: hidden or not.

use bharatmart_core::Permission;
use bharatmart_core::catalog::{ProductRef, ProductView, Status, StockedProduct};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec, Wanted};

pub static ROUTE: Route = Route {
    name: "products-inspect",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/admin/products/{id}",
    summary: "Read a product, hidden or not",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(inspect(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One product as its managers see it: hidden ones too, with the ETag to change it by.")
        .path("id", "The product's id or slug.", super::EXAMPLE)
        .answer::<ProductView>(200, "The product.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn inspect(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    shown(ctx, &named(ctx).await?).await
}

/// The one that is named in the path; one that is deleted is not there for anybody.
pub(super) async fn named(ctx: &Ctx) -> Result<StockedProduct, Problem> {
    let missing = || Problem::not_found("product");
    let wanted = ProductRef::parse(ctx.path("id")).ok_or_else(missing)?;
    let found = ctx.catalog()?.product(&ctx.tenant, &wanted).await?;
    found.filter(|stocked| stocked.product.status != Status::Deleted).ok_or_else(missing)
}

pub(super) async fn shown(ctx: &Ctx, stocked: &StockedProduct) -> Result<Reply, Problem> {
    let missing = || Problem::internal("a product is in a category that is not there");
    let category = ctx.category(Wanted::Id(stocked.product.category)).await?.ok_or_else(missing)?;
    Ok(Reply::ok(&ProductView::of(stocked, &category))?.version(stocked.product.version))
}
