//! Take a line out of the cart.

use bharatmart_core::cart::CartView;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use crate::edit::Edit;
use crate::needs;
use crate::refused;
use crate::shelf::shelf;

pub static ROUTE: Route = Route {
    name: "cart-items-remove",
    service: "cart",
    method: Method::DELETE,
    path: "/api/v1/cart/items/{sku}",
    summary: "Take a line out of the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::EDITS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(remove(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Takes a line out, whether it is still sold or not.")
        .path("sku", "The line's SKU.", super::EXAMPLE)
        .answer::<CartView>(200, "The cart as it is now.")
        .problem(401, "cart_token_invalid")
        .problem(404, "not_found")
        .if_match(409, "cart_version_conflict")
        .problem(422, "validation_failed")
}

async fn remove(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let sku = super::named(ctx)?;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let mut cart = edit.cart().await?;
        cart.take_out(&sku).map_err(refused::edit)?;
        let shelf = shelf(ctx, &cart.lines, None).await?;
        if let Some(reply) = edit.keep(cart, &shelf).await? {
            return Ok(reply);
        }
    }
}
