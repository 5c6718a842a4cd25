//! Put a coupon on the cart.

use bharatmart_core::cart::{self, CartView};
use bharatmart_core::pricing::{CouponCode, Item};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use futures_util::future::try_join;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::edit::Edit;
use crate::needs;
use crate::refused;
use crate::shelf::{coupon, shelf};

pub static ROUTE: Route = Route {
    name: "cart-coupon-apply",
    service: "cart",
    method: Method::PUT,
    path: "/api/v1/cart/coupon",
    summary: "Put a coupon on the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::PRICES_AND_KEEPS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(apply(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponCodeInput {
    #[schemars(length(min = 3, max = 32))]
    code: String,
}

pub fn spec() -> Spec {
    Spec::new(
        "Puts a coupon on the cart in place of any other, if it counts for the cart as it is now. While the flag \
         `cart.coupons` is off none counts, those on carts neither.",
    )
    .body::<CouponCodeInput>()
    .answer::<CartView>(200, "The cart as it is now.")
    .problem(401, "cart_token_invalid")
    .problem(409, "coupon_invalid")
    .problem(409, "coupon_expired")
    .problem(409, "coupon_minimum_not_met")
    .problem(409, "coupon_limit_reached")
    .if_match(409, "cart_version_conflict")
}

async fn apply(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let given: CouponCodeInput = ctx.json()?;
    let code = CouponCode::parse(&given.code).map_err(|invalid| refused::field("code", invalid))?;
    let terms = ctx.terms().await;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let named = async { Ok(coupon(ctx, &code, edit.whose.user()).await?) };
        let (mut cart, named) = try_join(edit.cart(), named).await?;
        let shelf = shelf(ctx, &cart.lines, None).await?;
        let subtotal = Item::subtotal(&cart::items(&cart.lines, &shelf));
        terms.coupon(&named, subtotal, ctx.clock().now()).map_err(refused::coupon)?;
        cart.coupon = Some(code.to_string());
        if let Some(reply) = edit.keep(cart, &shelf).await? {
            return Ok(reply);
        }
    }
}
