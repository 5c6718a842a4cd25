//! Confirm an order that is paid at the door.

use bharatmart_core::identity::CODE;
use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::{Mover, ORDER, Order, OrderStatus, OrderView};
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec, codes};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::orders::{EXAMPLE, named, reply};
use crate::refused;

pub static ROUTE: Route = Route {
    name: "orders-cod-confirm",
    service: "orders",
    method: Method::POST,
    path: "/api/v1/orders/{id}/cod/confirm",
    summary: "Confirm cash on delivery",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[
        Need::reads(&ORDER),
        Need::reads(&CODE),
        Need::reads(&RESERVATION),
        Need::COMMITS,
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::STOCK),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(confirm(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodCodeInput {
    /// Six digits.
    #[schemars(length(min = 6, max = 6))]
    code: String,
}

pub fn spec() -> Spec {
    Spec::new("With the six digits that were sent to the phone of the order. A code is good for five minutes and three tries.")
        .path("id", "The order's id.", EXAMPLE)
        .body::<CodCodeInput>()
        .answer::<OrderView>(200, "The order, confirmed.")
        .problem(404, "not_found")
        .problem(409, "invalid_transition")
        .problem(409, "request_in_progress")
        .problem(422, "cod_code_invalid")
        .problem(422, "cod_code_expired")
        .problem(422, "idempotency_key_reused")
        .problem(429, "cod_code_attempts_exceeded")
}

async fn confirm(ctx: &Ctx) -> Result<Reply, Problem> {
    let given: CodCodeInput = ctx.json()?;
    let (user, id, held) = (ctx.user()?.user, named(ctx)?, ctx.held());
    let till = ctx.till(&held);
    let order = till.order_of(id, user).await?.ok_or_else(|| Problem::not_found("order"))?;
    if order.status != OrderStatus::AwaitingCodCode {
        return Err(refused::not_allowed(order.status, &order.status.next(Mover::Customer)));
    }
    codes::cash_on_delivery(ctx, id, &given.code).await?;
    let seal = |order: &Order| ctx.answered(&reply(order, Mover::Customer).ok()?);
    let order = till.confirm_cod(id, user, &given.code, &seal).await.map_err(refused::moving)?;
    reply(&order, Mover::Customer)
}
