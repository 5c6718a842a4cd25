//! The stock of a SKU.

pub mod adjust;
pub mod get;
pub mod locations;
pub mod log;
pub mod low;

use bharatmart_core::catalog::{ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::{ProductId, Sku};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "GRO-ATTA-5KG";

fn missing() -> Problem {
    Problem::not_found("SKU")
}

/// The SKU in the path, and whose it is. What is no SKU is nobody's.
async fn named(ctx: &Ctx) -> Result<(Sku, ProductId), Problem> {
    let sku = Sku::parse(ctx.path("sku")).map_err(|_| missing())?;
    let owner = ctx.owner(ClaimKind::Sku, sku.as_str()).await?.and_then(|owner| owner.parse().ok());
    Ok((sku, owner.ok_or_else(missing)?))
}

/// The product of a SKU, as it is now; by now it may have given the SKU up.
async fn stocked(ctx: &Ctx, product: ProductId, sku: &Sku) -> Result<StockedProduct, Problem> {
    let found = ctx.catalog()?.product(&ctx.tenant, &ProductRef::Id(product)).await?;
    found.filter(|stocked| stocked.product.variant(sku).is_some()).ok_or_else(missing)
}
