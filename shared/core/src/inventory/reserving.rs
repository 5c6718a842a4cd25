//! Reserving what a customer wants: reads how much there is, plans from where it comes, and commits; again when somebody
//! was faster. Whoever reserves as part of a larger commit uses the parts: `planned`, `Warehouse::hold`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{Short, plan};
use super::{Piece, Reservation, Wanted, Warehouse};
use crate::changes::Refusal;
use crate::ids::ProductId;
use crate::ports::{CatalogReads, CommitError, Commits, Fault};
use crate::tenant::Tenant;

/// How often it is tried while there is enough: whoever is that often too late finds the shop busy.
const TRIES: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    #[error("not enough of {}: {} wanted, {} available", .0.sku, .0.wanted, .0.available)]
    Short(Short),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// From where it would come by the stock as it is now; one round trip.
pub async fn planned(
    catalog: &dyn CatalogReads,
    tenant: &Tenant,
    wanted: &[Wanted],
) -> Result<Vec<Piece>, ReserveError> {
    let mut ids: Vec<ProductId> = wanted.iter().map(|line| line.product).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = catalog.products(tenant, &ids).await?;
    let stock: BTreeMap<_, _> = found.into_iter().map(|stocked| (stocked.product.id, stocked.stock)).collect();
    plan(wanted, |product, sku| stock.get(&product)?.get(sku)).map_err(ReserveError::Short)
}

pub struct Reserving<'a> {
    pub catalog: &'a dyn CatalogReads,
    pub commits: &'a dyn Commits,
    pub warehouse: Warehouse<'a>,
}

impl Reserving<'_> {
    /// All of it or nothing. What is told to be short was short when it was looked at.
    pub async fn reserve(
        &self,
        reference: &str,
        wanted: &[Wanted],
        life: Duration,
    ) -> Result<Reservation, ReserveError> {
        for _ in 0..TRIES {
            let pieces = planned(self.catalog, self.warehouse.tenant, wanted).await?;
            let (reservation, changes) = self.warehouse.hold(reference, pieces, life);
            match self.commits.commit(changes).await {
                Ok(()) => return Ok(reservation),
                Err(CommitError::Refused(Refusal::InsufficientStock(_))) => {}
                Err(CommitError::Refused(refusal)) => return Err(Fault::broken("store", refusal).into()),
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Fault::busy("store", "others took the stock as often as it was looked at").into())
    }
}
