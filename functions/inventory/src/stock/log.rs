//! The log of a SKU: each movement of its stock.

use bharatmart_core::Permission;
use bharatmart_core::inventory::{EntryView, STOCK_ENTRY, StockEntry};
use bharatmart_core::record::Listing;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "inventory-log",
    service: "inventory",
    method: Method::GET,
    path: "/api/v1/inventory/{sku}/log",
    summary: "List the movements of a SKU's stock",
    access: Access::may(Permission::ManageInventory),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&STOCK_ENTRY), Need::READS_CLAIMS, Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(log(ctx)),
};

pub fn spec() -> Spec {
    let spec = Spec::new(
        "Newest first: what moved, why, and by whom. The movements sum to the stock; the last ones are entered a moment \
         after they were made.",
    );
    page::parameters(spec.path("sku", "The SKU, in whatever case.", super::EXAMPLE))
        .answer::<Page<EntryView>>(200, "A page of the log.")
        .problem(404, "not_found")
}

async fn log(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    query.finish()?;
    let (sku, _) = super::named(ctx).await?;
    let show = |entry: &StockEntry| Some(EntryView::from(entry));
    page::answer(ctx, &wanted, Listing::Within(sku.as_str()), |entry: &StockEntry| entry.id.clone(), show).await
}
