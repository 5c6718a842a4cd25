//! The caller's orders.

use bharatmart_core::orders::{Mover, ORDER, Order, OrderView};
use bharatmart_core::record::Listing;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "orders-list",
    service: "orders",
    method: Method::GET,
    path: "/api/v1/orders",
    summary: "List one's orders",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&ORDER), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("The caller's orders, newest first."))
        .answer::<Page<OrderView>>(200, "A page of orders.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    query.finish()?;
    let user = ctx.user()?.user.to_string();
    let show = |order: &Order| Some(OrderView::of(order, Mover::Customer));
    page::answer(ctx, &wanted, Listing::By(&user), |order: &Order| order.id.to_string(), show).await
}
