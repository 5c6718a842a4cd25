//! Make a category.

use bharatmart_core::catalog::categories::{self, CategoryInput, NewCategory};
use bharatmart_core::catalog::{CategoryView, Tree};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::CommitError;
use bharatmart_core::{Permission, Refusal, queues};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::refusal;
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "categories-create",
    service: "catalog",
    method: Method::POST,
    path: "/api/v1/categories",
    summary: "Make a category",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::sends(&queues::SEARCH)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Makes a category, at the top or in another, six levels deep at most.")
        .body::<CategoryInput>()
        .answer::<CategoryView>(201, "The category as it was made.")
        .problem(409, "slug_taken")
        .problem(409, "category_too_deep")
        .problem(409, "request_in_progress")
        .problem(422, "idempotency_key_reused")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let new = NewCategory::parse(&ctx.json::<CategoryInput>()?).map_err(Problem::invalid)?;
    let mut nth = 1;
    loop {
        let known = ctx.categories_anew().await?;
        let made = categories::create(ctx.hand(), &Tree::of(&known), &new, nth).map_err(refusal)?;
        let view = CategoryView::of(&made.category, Some(0));
        let reply = Reply::json(StatusCode::CREATED, &view)?.version(made.category.version);
        let reply = reply.header("Location", format!("/api/v1/categories/{}", made.category.slug));
        let outcome = ctx.commit(made.changes, &reply).await;
        if let Err(CommitError::Refused(Refusal::NameTaken { kind: ClaimKind::CategorySlug, .. })) = outcome {
            nth = if new.slug.is_none() { nth + 1 } else { return Err(slug_taken()) };
        } else if kept(ctx, outcome).await? {
            ctx.forget_categories();
            return Ok(reply);
        }
    }
}

fn slug_taken() -> Problem {
    let taken = Problem::field("slug", "slug_taken", "is another category's");
    Problem { status: StatusCode::CONFLICT, code: "slug_taken", ..taken }
}
