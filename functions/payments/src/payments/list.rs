//! An order's payments.

use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{PAYMENT, PaymentView};
use bharatmart_core::{Invalid, OrderId, Permission};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "payments-list",
    service: "payments",
    method: Method::GET,
    path: "/api/v1/payments",
    summary: "List an order's payments",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER), Need::reads(&PAYMENT)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Payments")]
pub struct PaymentsView {
    /// In the order they were made.
    data: Vec<PaymentView>,
}

pub fn spec() -> Spec {
    Spec::new("Every attempt to pay an order of the caller's; whoever may give money back sees everybody's.")
        .required_query("order_id", r#"{"type":"string"}"#, "Whose payments.", "ord_01926d3e4f5a7b8c9d0e1f2a3b4c5d6e")
        .answer::<PaymentsView>(200, "The payments.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let order = query.take("order_id", |text| Ok(text.to_owned()));
    query.finish()?;
    let order = order.ok_or_else(|| Problem::field("order_id", "missing_field", "must be given"))?;
    let order: OrderId =
        order.parse().map_err(|invalid: Invalid| Problem::field("order_id", invalid.code, invalid.message))?;
    let (caller, held) = (ctx.user()?, ctx.held());
    let till = ctx.till(&held);
    let order = till.order(order).await?;
    let sees = |user| user == caller.user || caller.role.may(Permission::RefundPayments);
    let order = order.filter(|order| sees(order.user_id)).ok_or_else(|| Problem::not_found("order"))?;
    let payments = till.payments_of(&order).await?;
    let payable = order.payable().is_ok();
    Reply::ok(&PaymentsView { data: payments.iter().map(|payment| PaymentView::of(payment, payable)).collect() })
}
