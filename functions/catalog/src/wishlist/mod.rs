//! What the caller would like to have.

pub mod add;
pub mod list;
pub mod remove;

use bharatmart_core::catalog::{MAX_WISHES, Wish, Wishlist};
use bharatmart_core::ports::Fault;
use bharatmart_core::record::Listing;
use bharatmart_core::{ProductId, RecordKey, UserId};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "prd_0199a3b1c2d37e4f8a5b6c7d8e9f0a1b";

/// All of them: there are not more.
async fn wishes(ctx: &Ctx, user: UserId) -> Result<Vec<Wish>, Fault> {
    let of_user = user.to_string();
    ctx.list(Listing::Within(&of_user), None, MAX_WISHES).await
}

/// The list as it is written; until it is, as it is counted.
async fn whole(ctx: &Ctx, user: UserId) -> Result<Wishlist, Problem> {
    if let Some(list) = ctx.find(&RecordKey::alone(user)).await? {
        return Ok(list);
    }
    Ok(Wishlist::unwritten(user, wishes(ctx, user).await?.len(), ctx.clock().now()))
}

/// Whose wish it is for the product named in the path.
fn named(ctx: &Ctx) -> Result<(UserId, ProductId, RecordKey), Problem> {
    let user = ctx.user()?.user;
    let product: ProductId = ctx.path("product_id").parse().map_err(|_| Problem::not_found("product"))?;
    Ok((user, product, RecordKey::of_user(user, product)))
}
