//! Keeps the search index as the store has it. The one writer of the index, under a lease. It reads the products anew,
//! so the order and number of the events do not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bharatmart_core::catalog::{Category, search_doc};
use bharatmart_core::changes::Applied;
use bharatmart_core::ports::{CommitError, Fault, Fence, Lease, LeaseName, SearchDoc};
use bharatmart_core::queues;
use bharatmart_core::{Changes, EventKind, ProductId, Refusal, Tenant};
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};

use crate::search_categories;

pub static WORKER: Worker = Worker {
    name: "search-indexer",
    service: "workers",
    summary: "Write changed products to the search index",
    job: Job::Queue { queue: &queues::SEARCH, batch: 10, handler: |ctx, batch| Box::pin(index(ctx, batch)) },
    needs: &[
        Need::READS_CATALOG,
        Need::COMMITS,
        Need::TAKES_LEASES,
        Need::INDEXES,
        Need::receives(&queues::SEARCH),
        // The next page of a category that was renamed.
        Need::sends(&queues::SEARCH),
    ],
    memory_mb: 512,
    timeout_s: 20,
};

pub const LEASE: LeaseName = LeaseName("search-index");
/// Longer than the function may run, shorter than a message stays hidden: when a killed writer's messages come back,
/// its lease is gone.
const LEASE_FOR: Duration = Duration::from_secs(22);
const TIME_TO_WRITE: Duration = Duration::from_secs(8);
/// A mark is kept as long as a message can live.
const MARK_FOR: Duration = Duration::from_secs(14 * 24 * 3600);

/// One product that cannot be read must not keep the others of its batch out of the index: when a batch is broken each
/// is tried alone.
async fn index(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let mut verdicts = Vec::with_capacity(batch.len());
    match apply(ctx, &batch).await {
        Err(Fault::Broken { .. }) if batch.len() > 1 => {
            for delivery in batch {
                let outcome = apply(ctx, std::slice::from_ref(&delivery)).await;
                verdicts.push((delivery, verdict(&outcome)));
            }
        }
        outcome => verdicts.extend(batch.into_iter().map(|delivery| (delivery, verdict(&outcome)))),
    }
    verdicts
}

fn verdict(outcome: &Result<(), Fault>) -> Verdict {
    outcome.as_ref().map_or_else(Verdict::from, |()| Verdict::Done)
}

async fn apply(ctx: &WorkCtx, batch: &[Delivery]) -> Result<(), Fault> {
    let lease = lease(ctx).await?;
    let result = write(ctx, batch, lease.fence).await;
    // Another instance need not wait for this one's lease to run out.
    if let Err(fault) = ctx.leases()?.release_lease(LEASE, lease.fence).await {
        tracing::warn!(error = %fault, "the lease was not given back; it will run out");
    }
    result
}

/// Waits for its turn as long as there is time to use it: a batch that fails for want of the lease would be a step
/// nearer to the dead letters.
pub(crate) async fn lease(ctx: &WorkCtx) -> Result<Lease, Fault> {
    loop {
        let now = ctx.clock().now();
        if let Some(lease) = ctx.leases()?.take_lease(LEASE, &ctx.app.owner, LEASE_FOR, now).await? {
            return Ok(lease);
        }
        if ctx.time_left() < TIME_TO_WRITE {
            return Err(Fault::busy("search-index", "another writer holds the lease"));
        }
        tokio::time::sleep(Duration::from_millis(50 + ctx.app.random.below(150))).await;
    }
}

async fn write(ctx: &WorkCtx, batch: &[Delivery], fence: Fence) -> Result<(), Fault> {
    let of_category = |delivery: &&Delivery| delivery.event.kind == EventKind::CategoryChanged;
    let (categories, products): (Vec<_>, Vec<_>) = batch.iter().partition(of_category);
    if !products.is_empty() {
        write_products(ctx, &products, fence).await?;
    }
    for delivery in categories {
        search_categories::write(ctx, delivery, fence).await?;
    }
    Ok(())
}

async fn write_products(ctx: &WorkCtx, batch: &[&Delivery], fence: Fence) -> Result<(), Fault> {
    let mut by_tenant: BTreeMap<&Tenant, Vec<ProductId>> = BTreeMap::new();
    for delivery in batch {
        let product = delivery.event.subject.parse().map_err(|error| Fault::broken("search-indexer", error))?;
        let products = by_tenant.entry(&delivery.event.tenant).or_default();
        if !products.contains(&product) {
            products.push(product);
        }
    }
    let (mut docs, mut gone) = (Vec::new(), Vec::new());
    for (tenant, products) in &by_tenant {
        read(ctx, tenant, products, &mut docs, &mut gone).await?;
    }
    ctx.index()?.apply(fence, docs, gone, ctx.clock().now()).await?;
    for tenant in by_tenant.keys() {
        mark(ctx, tenant, batch, fence).await?;
    }
    Ok(())
}

/// Products as they are now: those that customers may find, and those that must be taken out.
pub(crate) async fn read(
    ctx: &WorkCtx,
    tenant: &Tenant,
    products: &[ProductId],
    docs: &mut Vec<SearchDoc>,
    gone: &mut Vec<(Tenant, ProductId)>,
) -> Result<(), Fault> {
    let found = docs_of(ctx, tenant, products).await?;
    let known: BTreeSet<_> = found.iter().map(|doc| doc.id).collect();
    gone.extend(products.iter().filter(|id| !known.contains(id)).map(|id| (tenant.clone(), *id)));
    docs.extend(found);
    Ok(())
}

/// Those of the products that customers may find.
pub(crate) async fn docs_of(ctx: &WorkCtx, tenant: &Tenant, products: &[ProductId]) -> Result<Vec<SearchDoc>, Fault> {
    let categories = ctx.catalog()?.categories(tenant).await?;
    let category = |id| categories.iter().find(|category: &&Category| category.id == id);
    let found = ctx.catalog()?.products(tenant, products).await?;
    let doc = |stocked| search_doc(tenant, stocked, category(stocked.product.category)?);
    Ok(found.iter().filter_map(doc).collect())
}

/// After the effect: a crash between the two repeats the effect, which changes nothing.
async fn mark(ctx: &WorkCtx, tenant: &Tenant, batch: &[&Delivery], fence: Fence) -> Result<(), Fault> {
    let mut changes = Changes::new(tenant);
    changes.lease = Some((LEASE, fence));
    for delivery in batch.iter().filter(|delivery| delivery.event.tenant == *tenant) {
        let mark = marked(ctx, delivery);
        if !changes.applied.contains(&mark) {
            changes.applied.push(mark);
        }
    }
    match ctx.commits()?.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::busy("search-index", refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

pub(crate) fn marked(ctx: &WorkCtx, delivery: &Delivery) -> Applied {
    Applied { consumer: WORKER.name, event: delivery.event.id, expires_at: ctx.clock().now().after(MARK_FOR) }
}
