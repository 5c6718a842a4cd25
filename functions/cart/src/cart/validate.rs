//! Look the cart over before an order: what has changed since it was filled.

use bharatmart_core::Timestamp;
use bharatmart_core::cart::{self, Asked, Cart, CartProblem, CartView, Shelf};
use bharatmart_core::pricing::{NamedCoupon, Terms};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use futures_util::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::needs;
use crate::shelf::{coupon_of, shelf};

pub static ROUTE: Route = Route {
    name: "cart-validate",
    service: "cart",
    method: Method::POST,
    path: "/api/v1/cart/validate",
    summary: "Look the cart over",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::PRICES_AND_KEEPS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(validate(ctx)),
};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateInput {
    /// Takes today's prices for those that were seen, so that they are told no more.
    #[serde(default)]
    accept_prices: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CartValidation")]
pub struct ValidationView {
    /// Whether nothing stands in the way of ordering it; a new price does not.
    valid: bool,
    version: u64,
    problems: Vec<CartProblem>,
    cart: CartView,
}

pub fn spec() -> Spec {
    Spec::new("Says what changed since the cart was filled, and what else stands in the way of ordering it.")
        .body::<ValidateInput>()
        .answer::<ValidationView>(200, "How the cart stands.")
        .problem(401, "cart_token_invalid")
        .if_match(409, "cart_version_conflict")
}

async fn validate(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let given: ValidateInput = if ctx.has_body() { ctx.json()? } else { ValidateInput::default() };
    let terms = ctx.terms().await;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let mut cart = edit.cart().await?;
        let user = edit.whose.user();
        let (shelf, coupon) = try_join(shelf(ctx, &cart.lines, None), coupon_of(ctx, &cart, user)).await?;
        let answer = |cart: &Cart| looked_over(cart, &shelf, coupon.as_ref(), &terms, ctx.clock().now());
        if !(given.accept_prices && cart.accept_prices(&shelf)) {
            return answer(&cart);
        }
        if let Some(reply) = edit.keep_and(cart, answer).await? {
            return Ok(reply);
        }
    }
}

fn looked_over(
    cart: &Cart,
    shelf: &Shelf,
    coupon: Option<&NamedCoupon>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let asked = Asked { lines: &cart.lines, shelf, coupon, terms, destination: None, now };
    let problems = cart::quote(&asked).problems;
    let valid = !problems.iter().any(CartProblem::hinders);
    let view = ValidationView { valid, version: cart.version, problems, cart: CartView::of(cart, shelf) };
    Ok(Reply::ok(&view)?.version(cart.version))
}
