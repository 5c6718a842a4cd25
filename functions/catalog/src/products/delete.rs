//! Take a product out of the shop.

use bharatmart_core::catalog;
use bharatmart_core::{Permission, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::managed;
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "products-delete",
    service: "catalog",
    method: Method::DELETE,
    path: "/api/v1/products/{id}",
    summary: "Delete a product",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::sends(&queues::SEARCH)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Customers find it no more. Old orders keep their lines, and its SKUs stay taken.")
        .path("id", "The product's id or slug.", super::EXAMPLE)
        .empty(204, "Deleted.")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    loop {
        let product = managed::named(ctx).await?.product;
        ctx.if_match(product.version)?;
        let reply = Reply::no_content();
        if kept(ctx, ctx.commit(catalog::delete(ctx.hand(), &product), &reply).await).await? {
            return Ok(reply);
        }
    }
}
