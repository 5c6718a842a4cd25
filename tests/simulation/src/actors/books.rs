//! The keeper of the warehouse's books.

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::inventory::{Kept, SkuMoved, StockLevel, enter};
use bharatmart_core::ports::{CatalogReads, CommitError, Commits, Fault};
use bharatmart_core::{Event, RecordKey};

use crate::desk::Desk;

/// Enters what an event tells of each SKU; what was entered before is passed over.
pub async fn keep(desk: &Desk<'_>, event: &Event) -> Result<(), Fault> {
    let moved = SkuMoved::read(event).map_err(|error| Fault::broken("stock-keeper", error))?;
    for moved in moved {
        while enter_one(desk, &moved).await? == Kept::Again {}
    }
    Ok(())
}

async fn enter_one(desk: &Desk<'_>, moved: &SkuMoved) -> Result<Kept, Fault> {
    let shop = desk.shop;
    // Before the stock: see `enter`.
    let level: Option<StockLevel> = desk.find(&RecordKey::alone(&moved.sku)).await?;
    let found = desk.product(&shop.tenant, &ProductRef::Id(moved.product)).await?;
    let Some(stocked) = found else { return Ok(Kept::Now) };
    let told = std::slice::from_ref(moved);
    let changes = enter(&shop.tenant, told, level.as_ref(), &stocked, shop.clock.as_ref(), shop.ids.as_ref());
    match desk.commit(changes).await {
        Ok(()) => Ok(Kept::Now),
        Err(CommitError::Fault(fault)) => Err(fault),
        Err(CommitError::Refused(refusal)) => {
            Kept::read(&refusal).ok_or_else(|| Fault::broken("stock-keeper", refusal))
        }
    }
}
