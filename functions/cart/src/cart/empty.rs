//! Empty the cart.

use bharatmart_core::cart::CART;
use bharatmart_runtime::config::CART_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::edit::Edit;

pub static ROUTE: Route = Route {
    name: "cart-empty",
    service: "cart",
    method: Method::DELETE,
    path: "/api/v1/cart",
    summary: "Empty the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&CART), Need::COMMITS, Need::secret(CART_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(empty(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Takes every line and the coupon out. The cart keeps its id, and its versions go on.")
        .empty(204, "There is nothing in it.")
        .problem(401, "cart_token_invalid")
        .if_match(409, "cart_version_conflict")
}

async fn empty(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let mut cart = edit.cart().await?;
        if !cart.empty() {
            return Ok(Reply::no_content());
        }
        if let Some(reply) = edit.keep_and(cart, |_| Ok(Reply::no_content())).await? {
            return Ok(reply);
        }
    }
}
