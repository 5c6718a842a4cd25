//! A category that is called otherwise: products are shown with its name, so each of them is written to the index anew.
//! A page at a time, with an event of its own for the next: however large the category, other changes get their turn.
//! And one that is gone: a crash may have left its removal without an end.

use bharatmart_core::catalog::{CategoryTold, removal, search_doc};
use bharatmart_core::ports::{CommitError, Fault, Fence};
use bharatmart_core::{Changes, Hand, ProductId, Refusal, Tenant};
use bharatmart_runtime::{Delivery, WorkCtx};

use crate::search_indexer::{LEASE, marked};

/// Products of a page.
const PAGE: usize = 500;

/// The next page's event is committed with the mark of this one's: so each page is done, and none for ever.
pub(crate) async fn write(ctx: &WorkCtx, delivery: &Delivery, fence: Fence) -> Result<(), Fault> {
    let told: CategoryTold = delivery.event.told().map_err(|error| Fault::broken("search-indexer", error))?;
    end_removal(ctx, &delivery.event.tenant, &told).await?;
    let mut changes = Changes::new(&delivery.event.tenant);
    changes.lease = Some((LEASE, fence));
    changes.applied.push(marked(ctx, delivery));
    if told.renamed
        && let Some(last) = page(ctx, delivery, &told, fence).await?
    {
        let next = CategoryTold { before: Some(last), ..told };
        changes = changes.event(next.event(&delivery.event.tenant, ctx.clock(), ctx.ids()));
    }
    match ctx.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::busy("search-index", refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

/// Whoever removed it does this at once; then it has another version by now.
async fn end_removal(ctx: &WorkCtx, tenant: &Tenant, told: &CategoryTold) -> Result<(), Fault> {
    let known = ctx.catalog()?.categories(tenant).await?;
    let as_told = known.iter().find(|category| category.id == told.category_id && category.version == told.version);
    let Some(removed) = as_told.filter(|category| category.deleted) else { return Ok(()) };
    let held = removal::holds(ctx.catalog()?, tenant, removed.id, &known).await?;
    match ctx.commit(removal::end(Hand::shop(tenant, ctx.clock(), ctx.ids()), removed, held)).await {
        Ok(()) | Err(CommitError::Refused(Refusal::VersionChanged(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken("search-indexer", refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

/// Answers where it ended, if there may be more.
async fn page(
    ctx: &WorkCtx,
    delivery: &Delivery,
    told: &CategoryTold,
    fence: Fence,
) -> Result<Option<ProductId>, Fault> {
    let (tenant, store) = (&delivery.event.tenant, ctx.catalog()?);
    let ids = store.newest_products(tenant, Some(&[told.category_id]), told.before, PAGE).await?;
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let products = store.products(tenant, &ids).await?;
    let categories = store.categories(tenant).await?;
    let (mut docs, mut gone) = (Vec::new(), Vec::new());
    for stocked in &products {
        let category = categories.iter().find(|category| category.id == stocked.product.category);
        match category.and_then(|category| search_doc(tenant, stocked, category)) {
            Some(doc) => docs.push(doc),
            None => gone.push((tenant.clone(), stocked.product.id)),
        }
    }
    ctx.index()?.apply(fence, docs, gone, ctx.clock().now()).await?;
    Ok((ids.len() == PAGE).then_some(last))
}
