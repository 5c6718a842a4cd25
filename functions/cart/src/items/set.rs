//! Set how many of something are in the cart.

use bharatmart_core::cart::{Cart, CartView, quantity};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::needs;
use crate::refused;

pub static ROUTE: Route = Route {
    name: "cart-items-set",
    service: "cart",
    method: Method::PUT,
    path: "/api/v1/cart/items/{sku}",
    summary: "Set how many are in the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::PUTS_IN,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(set(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantityInput {
    /// To have none, delete the line.
    #[schemars(range(min = 1, max = 1000))]
    quantity: i64,
}

pub fn spec() -> Spec {
    Spec::new("So many of a SKU, whatever there were; a line that was not there is put in.")
        .path("sku", "The line's SKU.", super::EXAMPLE)
        .body::<QuantityInput>()
        .answer::<CartView>(200, "The cart as it is now.")
        .problem(401, "cart_token_invalid")
        .problem(409, "product_unavailable")
        .problem(409, "quantity_rule")
        .problem(409, "insufficient_stock")
        .problem(409, "cart_full")
        .if_match(409, "cart_version_conflict")
}

async fn set(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let sku = super::named(ctx)?;
    let given: QuantityInput = ctx.json()?;
    let quantity = quantity(given.quantity).map_err(|invalid| refused::field("quantity", invalid))?;
    super::change(ctx, &sku, quantity, Cart::put).await
}
