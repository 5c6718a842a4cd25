//! Whether and when things are brought to a PIN code.

use bharatmart_core::delivery::{DeliveryView, Destination};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use crate::refused;

pub static ROUTE: Route = Route {
    name: "delivery-get",
    service: "cart",
    method: Method::GET,
    path: "/api/v1/delivery/{pincode}",
    summary: "Whether and when a PIN code is served",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "The state a PIN code lies in, whether the shop brings things there, and in which hours of the next days.",
    )
    .path("pincode", "Six digits.", "560001")
    .answer::<DeliveryView>(200, "What is known of the place.")
    .empty(304, "Not changed since the ETag in If-None-Match.")
    .problem(422, "validation_failed")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let destination = Destination::parse(ctx.path("pincode"), &ctx.config().reach);
    let destination = destination.map_err(|invalid| refused::field("pincode", invalid))?;
    Reply::ok(&DeliveryView::of(&destination, ctx.clock().now()))
}
