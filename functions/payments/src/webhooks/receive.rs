//! A provider tells what became of a payment.

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::ORDER;
use bharatmart_core::orders::till::unsealed;
use bharatmart_core::payments::PAYMENT;
use bharatmart_core::ports::{Charged, Heard};
use bharatmart_core::queues;
use bharatmart_runtime::config::{Provider, WEBHOOK_KEY};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::refused;

pub static ROUTE: Route = Route {
    name: "webhooks-receive",
    service: "payments",
    method: Method::POST,
    path: "/api/v1/webhooks/{provider}",
    summary: "Hear a payment provider",
    access: Access::Public,
    limit: Limit::Signed,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&PAYMENT),
        Need::reads(&ORDER),
        Need::reads(&RESERVATION),
        Need::COMMITS,
        Need::secret(WEBHOOK_KEY),
        Need::sends(&queues::PAYMENTS),
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::STOCK),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(receive(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Signed over the body as it came, in X-Webhook-Signature: t=<seconds>,v1=<hex of HMAC-SHA256 over t.body>, at most \
         five minutes old. Whatever was told before changes nothing, in whatever order it comes.",
    )
    .path("provider", "Who tells.", "mock")
    .empty(204, "It was heard.")
    .problem(401, "signature_invalid")
    .problem(404, "not_found")
}

async fn receive(ctx: &Ctx) -> Result<Reply, Problem> {
    let known = matches!(ctx.config().provider, Provider::Mock { .. }) && ctx.path("provider") == "mock";
    if !known {
        return Err(Problem::not_found("provider"));
    }
    let signature = ctx.header("x-webhook-signature").unwrap_or_default();
    let Some(heard) = ctx.heard(&ctx.keys(WEBHOOK_KEY).await?, ctx.body(), signature) else {
        ctx.count_stranger().await?;
        let detail = "The signature is not ours over this body, or too old.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "signature_invalid", detail));
    };
    let Heard { tenant, payment, charged } = heard;
    if charged == Charged::Pending {
        return Ok(Reply::no_content());
    }
    let held = ctx.held();
    let settled = ctx.till_of(&held, &tenant).settle(payment, &charged, &unsealed).await?;
    settled.map(|_| Reply::no_content()).ok_or_else(refused::no_payment)
}
