//! An order as it stands.

use bharatmart_core::orders::{ORDER, OrderView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{reply, shown};

pub static ROUTE: Route = Route {
    name: "orders-get",
    service: "orders",
    method: Method::GET,
    path: "/api/v1/orders/{id}",
    summary: "Read an order",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("An order of the caller's; staff may read everybody's.")
        .path("id", "The order's id.", super::EXAMPLE)
        .answer::<OrderView>(200, "The order.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (order, to) = shown(ctx).await?;
    reply(&order, to)
}
