//! Move an order on.

use bharatmart_core::orders::{Mover, Order, OrderStatus, OrderView, Said};
use bharatmart_core::text::bounded;
use bharatmart_core::{Check, Permission};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::orders::cancel::CANCELS;
use crate::orders::{EXAMPLE, named, reply};
use crate::refused;

pub static ROUTE: Route = Route {
    name: "orders-transition",
    service: "orders",
    method: Method::POST,
    path: "/api/v1/admin/orders/{id}/transitions",
    summary: "Move an order on",
    access: Access::may(Permission::DeliverOrders),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: CANCELS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(transition(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionInput {
    to: OrderStatus,
    #[schemars(length(min = 1, max = 200))]
    reason: Option<String>,
    /// The courier's number, with `shipped`.
    #[schemars(length(min = 1, max = 100))]
    tracking: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new(
        "From confirmed to the door, a state at a time; or to cancelled. Couriers make the moves that are theirs.",
    )
    .path("id", "The order's id.", EXAMPLE)
    .body::<TransitionInput>()
    .answer::<OrderView>(200, "The order as it is now.")
    .problem(404, "not_found")
    .problem(409, "invalid_transition")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn transition(ctx: &Ctx) -> Result<Reply, Problem> {
    let TransitionInput { to, reason, tracking } = ctx.json()?;
    let mut check = Check::new();
    let reason = reason.and_then(|reason| check.field("reason", bounded(&reason, 1, 200)));
    let tracking = tracking.and_then(|tracking| check.field("tracking", bounded(&tracking, 1, 100)));
    if !check.is_clean() {
        return Err(Problem::invalid(check.into_errors()));
    }
    let by = if ctx.user()?.role.may(Permission::MoveOrders) { Mover::Staff } else { Mover::Courier };
    let said = Said { by, reason: reason.as_deref(), tracking: tracking.as_deref() };
    let (id, held) = (named(ctx)?, ctx.held());
    let seal = |order: &Order| ctx.answered(&reply(order, by).ok()?);
    let order = ctx.till(&held).move_on(id, to, said, &seal).await.map_err(refused::moving)?;
    reply(&order, by)
}
