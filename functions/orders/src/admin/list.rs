//! The shop's orders.

use bharatmart_core::orders::{Mover, ORDER, Order, OrderStatus, OrderView};
use bharatmart_core::record::Listing;
use bharatmart_core::{Invalid, Permission, UserId};
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "orders-admin-list",
    service: "orders",
    method: Method::GET,
    path: "/api/v1/admin/orders",
    summary: "List the shop's orders",
    access: Access::may(Permission::ReadOrders),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("Every customer's orders, newest first."))
        .query("user_id", r#"{"type":"string"}"#, "Only this customer's.")
        .query("status", r#"{"type":"string"}"#, "Only those that stand so: `confirmed`.")
        .answer::<Page<OrderView>>(200, "A page of orders.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    let user = query.take("user_id", |text| text.parse::<UserId>());
    let status = query.take("status", |text| {
        OrderStatus::parse(text).ok_or_else(|| Invalid::new("unknown_value", "must be a state of an order"))
    });
    query.finish()?;
    let user = user.map(|user| user.to_string());
    let listing = user.as_deref().map_or(Listing::All, Listing::By);
    let to = if ctx.user()?.role.may(Permission::MoveOrders) { Mover::Staff } else { Mover::Courier };
    let show = |order: &Order| status.is_none_or(|status| order.status == status).then(|| OrderView::of(order, to));
    page::answer(ctx, &wanted, listing, |order: &Order| order.id.to_string(), show).await
}
