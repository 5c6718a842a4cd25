//! Have the code for cash on delivery sent anew.

use bharatmart_core::identity::Purpose;
use bharatmart_core::identity::lock::{SENDS_WINDOW, otp_sends_counter};
use bharatmart_core::orders::{Mover, ORDER, OrderStatus};
use bharatmart_core::queues;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use crate::orders::{EXAMPLE, named};
use crate::refused;

pub static ROUTE: Route = Route {
    name: "orders-cod-resend",
    service: "orders",
    method: Method::POST,
    path: "/api/v1/orders/{id}/cod/resend",
    summary: "Send the code for cash on delivery again",
    access: Access::user(),
    limit: Limit::Codes,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER), Need::COUNTS, Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(resend(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CodeSent")]
pub struct CodeSent {
    /// Seconds the new code is good for.
    expires_in: u64,
}

pub fn spec() -> Spec {
    Spec::new("A new code to the phone of the order; the one before is good no more. At most five an hour.")
        .path("id", "The order's id.", EXAMPLE)
        .answer::<CodeSent>(202, "A code is on its way.")
        .problem(404, "not_found")
        .problem(409, "invalid_transition")
        .problem(429, "rate_limited")
}

async fn resend(ctx: &Ctx) -> Result<Reply, Problem> {
    let held = ctx.held();
    let order = ctx.till(&held).order_of(named(ctx)?, ctx.user()?.user).await?;
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    if order.status != OrderStatus::AwaitingCodCode {
        return Err(refused::not_allowed(order.status, &order.status.next(Mover::Customer)));
    }
    // Whoever sends it counts it; here it is only looked at.
    let counted = ctx.count(&otp_sends_counter(&order.ship_to.phone), 0, SENDS_WINDOW).await?;
    if counted.value >= u64::from(ctx.config().limits.codes_per_phone) {
        let wait = counted.resets_in.as_secs().clamp(1, 3_600) as u32;
        let detail = "This phone was sent enough codes for now.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(wait));
    }
    let hand = ctx.hand();
    let code = order.cod_code().event(hand.tenant, hand.clock, hand.ids);
    let reply = Reply::json(StatusCode::ACCEPTED, &CodeSent { expires_in: Purpose::CashOnDelivery.life().as_secs() })?;
    ctx.commit(hand.changes().event(code), &reply).await?;
    Ok(reply)
}
