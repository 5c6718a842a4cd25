//! Give a payment back, or a part of it.

use bharatmart_core::payments::{PAYMENT, Payment, PaymentView, RefundInput};
use bharatmart_core::{Permission, queues};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::named;
use crate::refused;

pub static ROUTE: Route = Route {
    name: "payments-refund",
    service: "payments",
    method: Method::POST,
    path: "/api/v1/payments/{id}/refunds",
    summary: "Give a payment back",
    access: Access::may(Permission::RefundPayments),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::reads(&PAYMENT), Need::COMMITS, Need::sends(&queues::PAYMENTS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(refund(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Asks for all that is left of it, or so much. The provider gives it back a moment later; then it is done.",
    )
    .path("id", "The payment's id.", super::EXAMPLE)
    .body::<RefundInput>()
    .answer::<PaymentView>(201, "The payment, with the refund that was asked for.")
    .problem(404, "not_found")
    .problem(409, "not_refundable")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn refund(ctx: &Ctx) -> Result<Reply, Problem> {
    let (amount, reason) = ctx.json::<RefundInput>()?.parse().map_err(Problem::invalid)?;
    let (id, held) = (named(ctx)?, ctx.held());
    let seal = |payment: &Payment| ctx.answered(&answer(payment).ok()?);
    let payment = ctx.till(&held).ask_refund(id, amount, &reason, &seal).await.map_err(refused::refund)?;
    answer(&payment)
}

/// What can go back came in, and nobody has to pay again.
fn answer(payment: &Payment) -> Result<Reply, Problem> {
    Ok(Reply::json(StatusCode::CREATED, &PaymentView::of(payment, false))?.version(payment.version))
}
