//! The coupon a cart holds.

pub mod apply;
pub mod remove;

use bharatmart_core::cart::Cart;
use bharatmart_core::ports::Fault;
use bharatmart_core::pricing::{CouponCode, NamedCoupon};
use bharatmart_core::{RecordKey, UserId};
use bharatmart_runtime::Ctx;
use futures_util::future::try_join3;

/// What there is of a coupon and how often it was used, by this customer too: all read at once.
async fn named(ctx: &Ctx, code: &CouponCode, user: Option<UserId>) -> Result<NamedCoupon, Fault> {
    let key = RecordKey::alone(code);
    let uses_of_user = async {
        match user {
            Some(user) => ctx.counted(&code.uses_of(user)).await,
            None => Ok(0),
        }
    };
    let (coupon, used, used_by_user) = try_join3(ctx.find(&key), ctx.counted(&code.uses()), uses_of_user).await?;
    Ok(NamedCoupon { code: code.to_string(), coupon, used, used_by_user })
}

pub async fn of_cart(ctx: &Ctx, cart: &Cart, user: Option<UserId>) -> Result<Option<NamedCoupon>, Fault> {
    match cart.coupon.as_deref().and_then(|code| CouponCode::parse(code).ok()) {
        Some(code) => named(ctx, &code, user).await.map(Some),
        None => Ok(None),
    }
}
