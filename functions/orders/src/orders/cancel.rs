//! Cancel an order, by its customer.

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::{Mover, ORDER, Order, OrderView, Said};
use bharatmart_core::payments::PAYMENT;
use bharatmart_core::queues;
use bharatmart_core::text::bounded;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{named, reply};
use crate::refused;

pub static ROUTE: Route = Route {
    name: "orders-cancel",
    service: "orders",
    method: Method::POST,
    path: "/api/v1/orders/{id}/cancel",
    summary: "Cancel an order",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: CANCELS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(cancel(ctx)),
};

/// What cancelling takes, whoever does it.
pub(crate) const CANCELS: &[Need] = &[
    Need::reads(&ORDER),
    Need::reads(&PAYMENT),
    Need::reads(&RESERVATION),
    Need::READS_CATALOG,
    Need::COMMITS,
    Need::sends(&queues::ORDERS),
    Need::sends(&queues::PAYMENTS),
    Need::sends(&queues::ANALYTICS),
    Need::sends(&queues::STOCK),
];

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelInput {
    #[schemars(length(min = 1, max = 200))]
    reason: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new(
        "Until it is packed. What was held is given back at once; what was paid goes back by itself, and the coupon may be \
         used again.",
    )
    .path("id", "The order's id.", super::EXAMPLE)
    .body::<CancelInput>()
    .answer::<OrderView>(200, "The order, cancelled.")
    .problem(404, "not_found")
    .problem(409, "invalid_transition")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn cancel(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = if ctx.has_body() { ctx.json::<CancelInput>()? } else { CancelInput::default() };
    let reason = given.reason.map(|reason| bounded(&reason, 1, 200)).transpose();
    let reason = reason.map_err(|invalid| Problem::field("reason", invalid.code, invalid.message))?;
    let (id, held) = (named(ctx)?, ctx.held());
    let said = Said::by(Mover::Customer).because(reason.as_deref());
    let seal = |order: &Order| ctx.answered(&reply(order, Mover::Customer).ok()?);
    let order = ctx.till(&held).cancel(id, Some(ctx.user()?.user), said, &seal).await;
    reply(&order.map_err(refused::moving)?, Mover::Customer)
}
