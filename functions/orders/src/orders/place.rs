//! Place an order.

use bharatmart_core::cart::CART;
use bharatmart_core::flags::FLAG;
use bharatmart_core::identity::ADDRESS;
use bharatmart_core::orders::till::Placing;
use bharatmart_core::orders::{Mover, ORDER, Order, OrderAsked, OrderInput, OrderView};
use bharatmart_core::payments::PaymentMethod;
use bharatmart_core::ports::Channel;
use bharatmart_core::pricing::COUPON;
use bharatmart_core::queues;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::refused;

pub static ROUTE: Route = Route {
    name: "orders-place",
    service: "orders",
    method: Method::POST,
    path: "/api/v1/orders",
    summary: "Place an order",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Required,
    needs: &[
        Need::reads(&CART),
        Need::reads(&ADDRESS),
        Need::reads(&COUPON),
        Need::reads(&ORDER),
        Need::reads(&FLAG),
        Need::READS_CATALOG,
        Need::READS_CLAIMS,
        Need::READS_COUNTERS,
        Need::COUNTS,
        Need::COMMITS,
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::STOCK),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(place(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Takes the order with its stock, or nothing: prices are the catalogue's of this moment, and a cart is emptied. The \
         stock is held for fifteen minutes; pay with POST payments, or confirm cash on delivery with the code that is \
         sent to the phone.",
    )
    .body::<OrderInput>()
    .answer::<OrderView>(201, "The order.")
    .problem(400, "idempotency_key_missing")
    .problem(404, "not_found")
    .problem(409, "cart_empty")
    .problem(409, "insufficient_stock")
    .problem(409, "quantity_rule")
    .problem(409, "product_unavailable")
    .problem(409, "too_many_lines")
    .problem(409, "coupon_invalid")
    .problem(409, "coupon_expired")
    .problem(409, "coupon_minimum_not_met")
    .problem(409, "coupon_limit_reached")
    .problem(409, "minimum_order_not_met")
    .problem(409, "not_serviceable")
    .problem(409, "cod_unavailable")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn place(ctx: &Ctx) -> Result<Reply, Problem> {
    let asked = OrderAsked::parse(ctx.json::<OrderInput>()?).map_err(Problem::invalid)?;
    if asked.method == PaymentMethod::Cod && !ctx.sends(Channel::Sms) {
        return Err(refused::cod("This shop sends no codes to phones."));
    }
    let held = ctx.held();
    let terms = ctx.terms().await;
    let placing = Placing { user: ctx.user()?.user, asked: &asked, house: ctx.house(&terms) };
    let seal = |order: &Order| ctx.answered(&answer(order).ok()?);
    let order = ctx.till(&held).place(placing, &seal).await.map_err(refused::place)?;
    answer(&order)
}

fn answer(order: &Order) -> Result<Reply, Problem> {
    let reply = Reply::json(StatusCode::CREATED, &OrderView::of(order, Mover::Customer))?;
    Ok(reply.version(order.version).header("Location", format!("/api/v1/orders/{}", order.id)))
}
