//! Every move an order made.

use bharatmart_core::orders::{MovedView, ORDER};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use super::shown;

pub static ROUTE: Route = Route {
    name: "orders-timeline",
    service: "orders",
    method: Method::GET,
    path: "/api/v1/orders/{id}/timeline",
    summary: "Read the moves of an order",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(timeline(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Timeline")]
pub struct TimelineView {
    /// In the order they were made.
    data: Vec<MovedView>,
}

pub fn spec() -> Spec {
    Spec::new("Every move of an order: when, where to, by whom and why.")
        .path("id", "The order's id.", super::EXAMPLE)
        .answer::<TimelineView>(200, "The moves.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn timeline(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (order, _) = shown(ctx).await?;
    Reply::ok(&TimelineView { data: order.timeline.iter().map(MovedView::from).collect() })
}
