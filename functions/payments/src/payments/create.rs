//! Pay an order.

use bharatmart_core::orders::till::{Paying, Settled};
use bharatmart_core::payments::{Instrument, PaymentInput, PaymentView};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use super::SETTLES;
use crate::refused;

pub static ROUTE: Route = Route {
    name: "payments-create",
    service: "payments",
    method: Method::POST,
    path: "/api/v1/payments",
    summary: "Pay an order",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: SETTLES,
    memory_mb: 256,
    timeout_s: 15,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Opens an attempt, for the order's amount, and asks the provider. A decline is a payment of status failed, and the \
         order may be paid again. Pending: nobody knows yet; look at the payment, or wait for the order's news. With the mock provider \
         success@upi, decline@upi, slow@upi, timeout@upi, late@upi and double@upi tell how it ends, as do the tokens \
         tok_success and so on.",
    )
    .body::<PaymentInput>()
    .answer::<PaymentView>(201, "The attempt, and what became of it.")
    .problem(404, "not_found")
    .problem(409, "already_paid")
    .problem(409, "payment_in_progress")
    .problem(409, "order_not_payable")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
    .problem(503, "payments_unavailable")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    let Instrument { order, method, with } =
        Instrument::parse(ctx.json::<PaymentInput>()?).map_err(Problem::invalid)?;
    let provider = ctx.provider()?.ok_or_else(refused::no_provider)?;
    let paying = Paying { order, user: ctx.user()?.user, method, instrument: with };
    let held = ctx.held();
    let seal = |settled: &Settled| ctx.answered(&answer(settled).ok()?);
    let settled = ctx.till(&held).pay(&paying, &provider, &seal).await.map_err(refused::paying)?;
    answer(&settled)
}

fn answer(Settled { order, payment }: &Settled) -> Result<Reply, Problem> {
    let reply = Reply::json(StatusCode::CREATED, &PaymentView::of(payment, order.payable().is_ok()))?;
    Ok(reply.version(payment.version).header("Location", format!("/api/v1/payments/{}", payment.id)))
}
