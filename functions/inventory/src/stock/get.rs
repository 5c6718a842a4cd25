//! How much there is of a SKU.

use bharatmart_core::catalog::Status;
use bharatmart_core::inventory::StockView;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "inventory-get",
    service: "inventory",
    method: Method::GET,
    path: "/api/v1/inventory/{sku}",
    summary: "Read how much there is of a SKU",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::READS_CLAIMS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("At all locations together. What customers cannot find is not there.")
        .path("sku", "The SKU, in whatever case.", super::EXAMPLE)
        .answer::<StockView>(200, "How much there is.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (sku, product) = super::named(ctx).await?;
    let stocked = super::stocked(ctx, product, &sku).await?;
    if stocked.product.status != Status::Active {
        return Err(super::missing());
    }
    Reply::ok(&StockView::of(&sku, &stocked.levels(&sku)))
}
