//! What runs low: SKUs of which few are left, or none.

use std::collections::BTreeMap;

use bharatmart_core::catalog::Status;
use bharatmart_core::inventory::{Availability, LowStockView, STOCK_LEVEL, StockLevel};
use bharatmart_core::record::Listing;
use bharatmart_core::{Invalid, Permission, ProductId};
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "inventory-low-stock",
    service: "inventory",
    method: Method::GET,
    path: "/api/v1/admin/inventory/low-stock",
    summary: "List what runs low",
    access: Access::may(Permission::ManageInventory),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::reads(&STOCK_LEVEL), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("SKUs of which few are left or none, by SKU from Z to A."))
        .query("class", r#"{"type":"string","enum":["low","out"]}"#, "Only these; both when it is not said.")
        .answer::<Page<LowStockView>>(200, "A page of SKUs.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    let class = query.take("class", class);
    query.finish()?;
    let classes = class.map_or_else(|| vec![Availability::Low, Availability::Out], |class| vec![class]);
    let list = format!("{}/{}/{classes:?}", STOCK_LEVEL.name, ctx.tenant);
    let before = page::begin(ctx, &wanted, &list).await?;
    let mut levels = below(ctx, &classes, before.as_deref(), wanted.size + 1).await?;
    let is_last = levels.len() <= wanted.size;
    levels.truncate(wanted.size);
    let next_cursor = match levels.last().filter(|_| !is_last) {
        Some(last) => Some(page::next(ctx, &list, last.sku.as_str()).await?),
        None => None,
    };
    Reply::ok(&Page { data: shown(ctx, &levels).await?, next_cursor })
}

fn class(text: &str) -> Result<Availability, Invalid> {
    let classes = [Availability::Low, Availability::Out];
    let unknown = || Invalid::new("unknown_class", "must be low or out");
    classes.into_iter().find(|class| class.name() == text).ok_or_else(unknown)
}

/// Of each class as many as may be needed; a SKU that changed its class in between is there once.
async fn below(
    ctx: &Ctx,
    classes: &[Availability],
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<StockLevel>, Problem> {
    let mut levels: Vec<StockLevel> = Vec::new();
    for class in classes {
        levels.extend(ctx.list::<StockLevel>(Listing::By(class.name()), before, limit).await?);
    }
    levels.sort_by(|a, b| (&b.sku, b.version).cmp(&(&a.sku, a.version)));
    levels.dedup_by(|later, first| later.sku == first.sku);
    levels.truncate(limit);
    Ok(levels)
}

/// With the names of their products, read together.
async fn shown(ctx: &Ctx, levels: &[StockLevel]) -> Result<Vec<LowStockView>, Problem> {
    let mut ids: Vec<ProductId> = levels.iter().map(|level| level.product_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = ctx.catalog()?.products(&ctx.tenant, &ids).await?;
    let products: BTreeMap<_, _> = found.into_iter().map(|stocked| (stocked.product.id, stocked.product)).collect();
    // What the shop gave up keeps its level, and runs low for nobody.
    let show = |level: &StockLevel| {
        let product = products.get(&level.product_id).filter(|product| product.status != Status::Deleted)?;
        product.variant(&level.sku).map(|_| LowStockView::of(level, &product.name))
    };
    Ok(levels.iter().filter_map(show).collect())
}
