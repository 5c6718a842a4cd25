//! Put something into the cart.

use bharatmart_core::cart::{Cart, CartView, quantity};
use bharatmart_core::{Check, Sku};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::needs;

pub static ROUTE: Route = Route {
    name: "cart-items-add",
    service: "cart",
    method: Method::POST,
    path: "/api/v1/cart/items",
    summary: "Put something into the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: needs::PUTS_IN,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(add(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemInput {
    #[schemars(length(min = 1, max = 64))]
    sku: String,
    #[schemars(range(min = 1, max = 1000))]
    quantity: i64,
}

pub fn spec() -> Spec {
    Spec::new(
        "So many more of a SKU, at the catalogue's price. A guest is given the cart's token, in X-Cart-Token, or with \
         `X-Session-Mode: cookie` in a cookie.",
    )
    .body::<ItemInput>()
    .answer::<CartView>(200, "The cart as it is now.")
    .problem(401, "cart_token_invalid")
    .problem(409, "product_unavailable")
    .problem(409, "quantity_rule")
    .problem(409, "insufficient_stock")
    .problem(409, "cart_full")
    .if_match(409, "cart_version_conflict")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn add(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let given: ItemInput = ctx.json()?;
    let mut check = Check::new();
    let sku = check.field("sku", Sku::parse(&given.sku));
    let quantity = check.field("quantity", quantity(given.quantity));
    match (sku, quantity) {
        (Some(sku), Some(quantity)) => super::change(ctx, &sku, quantity, Cart::add).await,
        _ => Err(Problem::invalid(check.into_errors())),
    }
}
