//! One product, by id or by slug.

use bharatmart_core::catalog::{ProductRef, ProductView, Status};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec, Wanted};

pub static ROUTE: Route = Route {
    name: "products-get",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/products/{id}",
    summary: "Read a product",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One product with its variants and what is available of each.")
        .path("id", "The product's id or slug.", super::EXAMPLE)
        .answer::<ProductView>(200, "The product.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let missing = || Problem::not_found("product");
    let wanted = ProductRef::parse(ctx.path("id")).ok_or_else(missing)?;
    let stocked = ctx.catalog()?.product(&ctx.tenant, &wanted).await?.ok_or_else(missing)?;
    if stocked.product.status != Status::Active {
        return Err(missing());
    }
    let category = ctx.category(Wanted::Id(stocked.product.category)).await?.ok_or_else(missing)?;
    Ok(Reply::ok(&ProductView::of(&stocked, &category))?.version(stocked.product.version))
}
