//! Create a product.

use std::collections::BTreeMap;

use bharatmart_core::Permission;
use bharatmart_core::catalog::{
    self, Category, CreateRefused, Created, NewProduct, ProductInput, ProductView, StockedProduct,
};
use bharatmart_core::inventory::{Levels, Location};
use bharatmart_core::ports::CommitError;
use bharatmart_core::queues;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec, Wanted};

pub static ROUTE: Route = Route {
    name: "products-create",
    service: "catalog",
    method: Method::POST,
    path: "/api/v1/products",
    summary: "Create a product",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::sends(&queues::SEARCH), Need::sends(&queues::STOCK)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Creates a product with its variants and their first stock. Its slug is made from its name.")
        .body::<ProductInput>()
        .answer::<ProductView>(201, "The product as it was created.")
        .problem(409, "sku_taken")
        .problem(409, "request_in_progress")
        .problem(422, "idempotency_key_reused")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    let input = NewProduct::parse(ctx.json::<ProductInput>()?).map_err(Problem::invalid)?;
    let mut category = ctx.category(Wanted::Slug(&input.category)).await?.ok_or_else(unknown_category)?;
    let mut nth = 1;
    loop {
        let created = catalog::add(ctx.hand(), &input, &category, nth);
        let reply = reply(&created, &input, &category)?;
        match ctx.commit(created.changes, &reply).await.map_err(|error| refused(error, &input)) {
            Ok(()) => return Ok(reply),
            Err(Ok(CreateRefused::CategoryChanged)) => {
                ctx.again().await?;
                let known = ctx.categories_anew().await?;
                let now = known.iter().find(|known| known.slug == input.category);
                category = now.cloned().ok_or_else(unknown_category)?;
            }
            Err(Ok(_)) => nth += 1,
            Err(Err(problem)) => return Err(problem),
        }
    }
}

pub(super) fn unknown_category() -> Problem {
    Problem::field("category", "unknown_category", "is not the slug of a category")
}

fn reply(created: &Created, input: &NewProduct, category: &Category) -> Result<Reply, Problem> {
    let first = |available| Levels::first(Location::main(), available);
    let stock: BTreeMap<_, _> = input.variants.iter().map(|new| (new.variant.sku.clone(), first(new.stock))).collect();
    let product = created.product.clone();
    let view = ProductView::of(&StockedProduct { product, stock }, category);
    let reply = Reply::json(StatusCode::CREATED, &view)?.version(created.product.version);
    Ok(reply.header("Location", format!("/api/v1/products/{}", created.product.id)))
}

/// `Ok` when another slug, or the category as it is now, may do.
fn refused(error: CommitError, input: &NewProduct) -> Result<CreateRefused, Problem> {
    let CommitError::Refused(refusal) = &error else { return Err(error.into()) };
    match CreateRefused::read(refusal) {
        Some(CreateRefused::SkuTaken { sku }) => {
            Err(sku_taken(input.variants.iter().position(|new| new.variant.sku == sku).unwrap_or_default()))
        }
        Some(passing) => Ok(passing),
        None => Err(error.into()),
    }
}

/// Of the variant at this place.
pub(super) fn sku_taken(at: usize) -> Problem {
    let taken = Problem::field(format!("variants[{at}].sku"), "sku_taken", "is another product's");
    Problem { status: StatusCode::CONFLICT, code: "sku_taken", ..taken }
}
