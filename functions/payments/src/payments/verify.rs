//! Ask the provider what became of a payment.

use bharatmart_core::payments::PaymentView;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use super::{SETTLES, reply, shown};
use crate::refused;

pub static ROUTE: Route = Route {
    name: "payments-verify",
    service: "payments",
    method: Method::POST,
    path: "/api/v1/payments/{id}/verify",
    summary: "Ask what became of a payment",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: SETTLES,
    memory_mb: 256,
    timeout_s: 15,
    handler: |ctx| Box::pin(verify(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("For a payment that is pending: the provider is asked, and what it says is booked. May be repeated.")
        .path("id", "The payment's id.", super::EXAMPLE)
        .answer::<PaymentView>(200, "The payment as it is now.")
        .problem(404, "not_found")
        .problem(503, "payments_unavailable")
}

async fn verify(ctx: &Ctx) -> Result<Reply, Problem> {
    let payment = shown(ctx).await?;
    let provider = ctx.provider()?.ok_or_else(refused::no_provider)?;
    let held = ctx.held();
    ctx.till(&held).check(payment.id, &provider).await?;
    reply(ctx, &shown(ctx).await?).await
}
