//! What this cart is about, as core looks it up: in the caller's shop, by what the function declared.

use bharatmart_core::cart::{Cart, CartLine, Shelf, look};
use bharatmart_core::ports::Fault;
use bharatmart_core::pricing::{CouponCode, NamedCoupon};
use bharatmart_core::{ProductId, Sku, UserId};
use bharatmart_runtime::{Ctx, Problem};

/// The products of these lines and one further.
pub async fn shelf(ctx: &Ctx, lines: &[CartLine], further: Option<ProductId>) -> Result<Shelf, Fault> {
    look::shelf(&ctx.held(), &ctx.tenant, lines.iter().map(|line| line.product_id).chain(further)).await
}

/// Who sells under this SKU.
pub async fn product_of(ctx: &Ctx, sku: &Sku) -> Result<Option<ProductId>, Problem> {
    Ok(look::sellers(&ctx.held(), &ctx.tenant, &[sku]).await?.into_iter().flatten().next())
}

pub async fn coupon(ctx: &Ctx, code: &CouponCode, user: Option<UserId>) -> Result<NamedCoupon, Fault> {
    look::coupon(&ctx.held(), &ctx.tenant, code, user).await
}

/// The one the cart holds.
pub async fn coupon_of(ctx: &Ctx, cart: &Cart, user: Option<UserId>) -> Result<Option<NamedCoupon>, Fault> {
    match cart.coupon.as_deref().and_then(|code| CouponCode::parse(code).ok()) {
        Some(code) => coupon(ctx, &code, user).await.map(Some),
        None => Ok(None),
    }
}
