//! Where a SKU lies, for who manages it: of a hidden product too.

use bharatmart_core::Permission;
use bharatmart_core::inventory::StockByPlaceView;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "inventory-locations",
    service: "inventory",
    method: Method::GET,
    path: "/api/v1/inventory/{sku}/locations",
    summary: "Read how much there is of a SKU at each location",
    access: Access::may(Permission::ManageInventory),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::READS_CLAIMS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(locations(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("At all locations together and at each. Of what customers cannot find as well.")
        .path("sku", "The SKU, in whatever case.", super::EXAMPLE)
        .answer::<StockByPlaceView>(200, "How much there is.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn locations(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (sku, product) = super::named(ctx).await?;
    let stocked = super::stocked(ctx, product, &sku).await?;
    Reply::ok(&StockByPlaceView::of(&sku, &stocked.levels(&sku)))
}
