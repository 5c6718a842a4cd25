//! Change a product.

use bharatmart_core::Permission;
use bharatmart_core::catalog::{
    self, Category, ChangeRefused, CreateRefused, ProductChange, ProductChangeInput, ProductView,
};
use bharatmart_core::ports::CommitError;
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::create::{sku_taken, unknown_category};
use super::managed;

pub static ROUTE: Route = Route {
    name: "products-update",
    service: "catalog",
    method: Method::PATCH,
    path: "/api/v1/products/{id}",
    summary: "Change a product",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::sends(&queues::SEARCH), Need::sends(&queues::STOCK)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "What is absent stays, and so does the slug. If-Match must name the version that is changed. The stock of a \
         variant there is already is adjusted elsewhere.",
    )
    .path("id", "The product's id or slug.", super::EXAMPLE)
    .body::<ProductChangeInput>()
    .answer::<ProductView>(200, "The product as it is now.")
    .problem(404, "not_found")
    .problem(409, "sku_taken")
    .problem(409, "variant_has_stock")
    .must_match()
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let change = ProductChange::parse(ctx.json::<ProductChangeInput>()?).map_err(Problem::invalid)?;
    loop {
        let stocked = managed::named(ctx).await?;
        ctx.must_match(stocked.product.version)?;
        let category = category(ctx, &change).await?;
        let changed = catalog::change(ctx.hand(), &stocked, &change, category.as_ref()).map_err(refusal)?;
        let Some(changed) = changed else { return managed::shown(ctx, &stocked).await };
        let reply = managed::shown(ctx, &changed.stocked).await?;
        match ctx.commit(changed.changes, &reply).await {
            Ok(()) => return Ok(reply),
            Err(error) => clash(error, &change)?,
        }
        ctx.again().await?;
    }
}

/// The one it is to lie in, as it is now.
async fn category(ctx: &Ctx, change: &ProductChange) -> Result<Option<Category>, Problem> {
    let Some(slug) = &change.category else { return Ok(None) };
    let known = ctx.categories_anew().await?;
    known.iter().find(|category| category.slug == *slug).cloned().map(Some).ok_or_else(unknown_category)
}

fn refusal(refused: ChangeRefused) -> Problem {
    match refused {
        ChangeRefused::Invalid(errors) => Problem::invalid(errors),
        ChangeRefused::HasStock { sku } => Problem::conflict(
            "variant_has_stock",
            format!("There is some of {sku}; adjust it to nought before the variant is taken away."),
        ),
    }
}

/// `Ok` when it may go better with what is there now.
fn clash(error: CommitError, change: &ProductChange) -> Result<(), Problem> {
    let CommitError::Refused(refusal) = &error else { return Err(error.into()) };
    match CreateRefused::read(refusal) {
        Some(CreateRefused::CategoryChanged) => Ok(()),
        Some(CreateRefused::SkuTaken { sku }) => Err(sku_taken(change.place_of(&sku))),
        _ => crate::refused::settled(Err(error)).map(drop),
    }
}
