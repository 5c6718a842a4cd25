//! The cart as it stands.

use bharatmart_core::cart::{CART, CartView};
use bharatmart_runtime::config::CART_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::edit::shown;
use crate::shelf::shelf;
use crate::whose::Whose;

pub static ROUTE: Route = Route {
    name: "cart-get",
    service: "cart",
    method: Method::GET,
    path: "/api/v1/cart",
    summary: "Read the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&CART), Need::READS_CATALOG, Need::secret(CART_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "The caller's cart, or that of the token in X-Cart-Token, at today's prices and stock. Before anything was put \
         in, it is empty, of version 0 and without an id; a guest is given the token with the first edit.",
    )
    .answer::<CartView>(200, "The cart.")
    .empty(304, "Not changed since the ETag in If-None-Match.")
    .problem(401, "cart_token_invalid")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let cart = Whose::of(ctx).await?.cart(ctx).await?;
    shown(&cart, &shelf(ctx, &cart.lines, None).await?)
}
