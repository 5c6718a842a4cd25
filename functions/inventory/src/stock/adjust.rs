//! Adjust the stock of a SKU: counted, delivered, written off.

use bharatmart_core::Permission;
use bharatmart_core::Refusal;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{
    AdjustRefused, Adjustment, AdjustmentInput, MAX_LOCATIONS, StockByPlaceView, Warehouse,
};
use bharatmart_core::ports::CommitError;
use bharatmart_core::queues;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "inventory-adjust",
    service: "inventory",
    method: Method::POST,
    path: "/api/v1/inventory/{sku}/adjust",
    summary: "Adjust the stock of a SKU",
    access: Access::may(Permission::ManageInventory),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[
        Need::READS_CATALOG,
        Need::READS_CLAIMS,
        Need::COMMITS,
        Need::sends(&queues::STOCK),
        Need::sends(&queues::SEARCH),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(adjust(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Adds what came, or takes away what is gone, at one location; what is reserved cannot be taken away. The reason \
         goes into the SKU's log. The figures are those it was decided on: others may have moved stock at that moment.",
    )
    .path("sku", "The SKU, in whatever case.", super::EXAMPLE)
    .body::<AdjustmentInput>()
    .answer::<StockByPlaceView>(200, "How much there is now.")
    .problem(404, "not_found")
    .problem(409, "insufficient_stock")
    .problem(409, "too_many_locations")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn adjust(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let adjustment = Adjustment::parse(ctx.json::<AdjustmentInput>()?).map_err(Problem::invalid)?;
    let (sku, product) = super::named(ctx).await?;
    let who = Actor::User(ctx.user()?.user);
    let warehouse = Warehouse { tenant: &ctx.tenant, who, clock: ctx.clock(), ids: ctx.ids() };
    loop {
        let stocked = super::stocked(ctx, product, &sku).await?;
        adjustment.allowed(&stocked.levels(&sku)).map_err(|refused| refusal(refused, &adjustment))?;
        let adjusted = warehouse.adjust(&stocked, &sku, &adjustment, ctx.address());
        let reply = Reply::ok(&StockByPlaceView::of(&sku, &adjusted.after))?;
        match ctx.commit(adjusted.changes, &reply).await {
            Ok(()) => return Ok(reply),
            // Sold, first stocked there or taken away since it was looked at.
            Err(CommitError::Refused(Refusal::InsufficientStock(_) | Refusal::VersionChanged(_))) => {
                ctx.again().await?
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn refusal(refused: AdjustRefused, adjustment: &Adjustment) -> Problem {
    match refused {
        AdjustRefused::BelowZero { available } => {
            let detail = format!("only {available} are available at {}", adjustment.location);
            let short = Problem::field("delta", "insufficient_stock", detail);
            Problem { status: StatusCode::CONFLICT, code: "insufficient_stock", ..short }.with("available", available)
        }
        AdjustRefused::TooMany => Problem::field("delta", "out_of_range", "would make more than can be in stock"),
        AdjustRefused::TooManyLocations => {
            let detail = format!("This SKU lies at {MAX_LOCATIONS} locations already.");
            Problem::conflict("too_many_locations", detail)
        }
    }
}
