//! Take the coupon off the cart.

use bharatmart_core::cart::CartView;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use crate::edit::{Edit, shown};
use crate::needs;
use crate::shelf::shelf;

pub static ROUTE: Route = Route {
    name: "cart-coupon-remove",
    service: "cart",
    method: Method::DELETE,
    path: "/api/v1/cart/coupon",
    summary: "Take the coupon off the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::EDITS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(remove(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Takes the coupon off; where there is none, nothing changes.")
        .answer::<CartView>(200, "The cart as it is now.")
        .problem(401, "cart_token_invalid")
        .if_match(409, "cart_version_conflict")
}

async fn remove(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let mut cart = edit.cart().await?;
        let shelf = shelf(ctx, &cart.lines, None).await?;
        if cart.coupon.take().is_none() {
            return shown(&cart, &shelf);
        }
        if let Some(reply) = edit.keep(cart, &shelf).await? {
            return Ok(reply);
        }
    }
}
