//! The shop's coupons, as those who run it make them.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use bharatmart_core::RecordKey;
use bharatmart_core::pricing::{Coupon, CouponCode};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "DIWALI";

/// The one that is named in the path. What is no code names nothing.
async fn named(ctx: &Ctx) -> Result<Coupon, Problem> {
    let missing = || Problem::not_found("coupon");
    let code = CouponCode::parse(ctx.path("code")).map_err(|_| missing())?;
    ctx.find(&RecordKey::alone(code)).await?.ok_or_else(missing)
}
