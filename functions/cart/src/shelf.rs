//! What carts are about, read from the catalogue: the products of all lines at once, and the product of a SKU.

use bharatmart_core::cart::{CartLine, Shelf};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::Fault;
use bharatmart_core::{ProductId, Sku};
use bharatmart_runtime::{Ctx, Problem};

/// The products of these lines and one further.
pub async fn shelf(ctx: &Ctx, lines: &[CartLine], further: Option<ProductId>) -> Result<Shelf, Fault> {
    let mut ids: Vec<_> = lines.iter().map(|line| line.product_id).chain(further).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Shelf::default());
    }
    Ok(ctx.catalog()?.products(&ctx.tenant, &ids).await?.into_iter().collect())
}

/// Who sells under this SKU.
pub async fn product_of(ctx: &Ctx, sku: &Sku) -> Result<Option<ProductId>, Problem> {
    let owner = ctx.owner(ClaimKind::Sku, sku.as_str()).await?;
    Ok(owner.and_then(|id| id.parse().ok()))
}
