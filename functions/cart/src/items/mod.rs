//! The lines of a cart.

pub mod add;
pub mod remove;
pub mod set;

use bharatmart_core::cart::{Cart, EditRefused};
use bharatmart_core::catalog::StockedProduct;
use bharatmart_core::{Sku, Timestamp};
use bharatmart_runtime::{Ctx, Problem, Reply};
use futures_util::future::try_join;

use crate::edit::Edit;
use crate::refused;
use crate::shelf::{product_of, shelf};

const EXAMPLE: &str = "GRO-ATTA-5KG";

/// `Cart::add` or `Cart::put`.
type Change = fn(&mut Cart, &Sku, u32, Option<&StockedProduct>, Timestamp) -> Result<(), EditRefused>;

/// Three round trips: the cart and whose the SKU is, the products, the commit.
async fn change(ctx: &Ctx, sku: &Sku, quantity: u32, change: Change) -> Result<Reply, Problem> {
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let (mut cart, product) = try_join(edit.cart(), product_of(ctx, sku)).await?;
        let shelf = shelf(ctx, &cart.lines, product).await?;
        let stocked = product.and_then(|id| shelf.product(id));
        change(&mut cart, sku, quantity, stocked, ctx.clock().now()).map_err(refused::edit)?;
        if let Some(reply) = edit.keep(cart, &shelf).await? {
            return Ok(reply);
        }
    }
}

/// The SKU that the path names.
fn named(ctx: &Ctx) -> Result<Sku, Problem> {
    Sku::parse(ctx.path("sku")).map_err(|invalid| refused::field("sku", invalid))
}
