//! Builds the search index anew from the store, for all shops, while the one in force goes on serving and being kept up.
//! For an index that is lost, damaged or of another shape, or that nobody trusts. Run again, it does the same.

use std::collections::BTreeMap;

use bharatmart_core::ports::{Fault, Rebuild, SnapshotInfo};
use bharatmart_core::{ProductId, Tenant};
use bharatmart_runtime::{Job, Need, WorkCtx, Worker};

use crate::search_indexer::{self, LEASE, docs_of, read};

pub static WORKER: Worker = Worker {
    name: "search-rebuild",
    service: "workers",
    summary: "Build the search index anew from the store",
    job: Job::Once { handler: |ctx| Box::pin(rebuild(ctx)) },
    needs: &[Need::READS_CATALOG, Need::TAKES_LEASES, Need::INDEXES],
    memory_mb: 2048,
    timeout_s: 900,
};

/// Products read at once.
const PAGE: usize = 100;

/// The index changes while this reads what has changed: as often it looks again before it gives up.
const ATTEMPTS: usize = 5;

async fn rebuild(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut rebuild = ctx.index()?.rebuild().await?;
    for tenant in ctx.catalog()?.tenants().await? {
        add(ctx, &tenant, &mut *rebuild).await?;
    }
    // Once without the lease: most of the work is done before the indexer has to wait.
    rebuild.changed().await?;
    for attempt in 1.. {
        match publish(ctx, &mut *rebuild).await {
            Err(Fault::Busy { cause, .. }) if attempt < ATTEMPTS => tracing::info!(cause, "looking again"),
            Err(fault) => return Err(fault),
            Ok(info) => {
                tracing::info!(documents = info.documents, snapshot = info.name, "the search index was built anew");
                break;
            }
        }
    }
    Ok(())
}

/// The list may lag behind the store, so each product is read by its id.
async fn add(ctx: &WorkCtx, tenant: &Tenant, rebuild: &mut dyn Rebuild) -> Result<(), Fault> {
    let mut before = None;
    loop {
        let ids = ctx.catalog()?.newest_products(tenant, None, before, PAGE).await?;
        let Some(last) = ids.last() else { return Ok(()) };
        before = Some(*last);
        rebuild.add(docs_of(ctx, tenant, &ids).await?).await?;
    }
}

/// Under the lease, so that nothing else is applied between reading what has changed and publishing it.
async fn publish(ctx: &WorkCtx, rebuild: &mut dyn Rebuild) -> Result<SnapshotInfo, Fault> {
    let lease = search_indexer::lease(ctx).await?;
    let published = async {
        let mut changed: BTreeMap<Tenant, Vec<ProductId>> = BTreeMap::new();
        for (tenant, id) in rebuild.changed().await? {
            changed.entry(tenant).or_default().push(id);
        }
        let (mut docs, mut gone) = (Vec::new(), Vec::new());
        for (tenant, products) in &changed {
            for some in products.chunks(PAGE) {
                read(ctx, tenant, some, &mut docs, &mut gone).await?;
            }
        }
        rebuild.publish(lease.fence, docs, gone, ctx.clock().now()).await
    };
    let published = published.await;
    if let Err(fault) = ctx.leases()?.release_lease(LEASE, lease.fence).await {
        tracing::warn!(error = %fault, "the lease was not given back; it will run out");
    }
    published
}
