//! A payment as it stands.

use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{PAYMENT, PaymentView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{reply, shown};

pub static ROUTE: Route = Route {
    name: "payments-get",
    service: "payments",
    method: Method::GET,
    path: "/api/v1/payments/{id}",
    summary: "Read a payment",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&PAYMENT), Need::reads(&ORDER)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("An attempt to pay an order of the caller's; whoever may give money back sees everybody's.")
        .path("id", "The payment's id.", super::EXAMPLE)
        .answer::<PaymentView>(200, "The payment.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    reply(ctx, &shown(ctx).await?).await
}
