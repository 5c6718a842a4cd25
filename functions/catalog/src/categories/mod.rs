//! The tree of categories.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use std::collections::BTreeMap;

use bharatmart_core::catalog::categories::CategoryRefused;
use bharatmart_core::catalog::{Category, CategoryKey, CategoryView, Tree};
use bharatmart_core::ports::{Found, SearchQuery};
use bharatmart_core::{CategoryId, PageSize};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "groceries";

type Counts = BTreeMap<CategoryId, u64>;

/// The one that is named in the path.
fn named<'a>(ctx: &Ctx, tree: &Tree<'a>) -> Result<&'a Category, Problem> {
    let key = CategoryKey::parse(ctx.path("id"));
    key.and_then(|key| tree.find(&key)).ok_or_else(|| Problem::not_found("category"))
}

/// How many products there are to be had in each and all below it: as the index knows them, `None` while it is away.
async fn counts(ctx: &Ctx, tree: &Tree<'_>) -> Option<Counts> {
    let one = PageSize::parse(1).unwrap_or(PageSize::DEFAULT);
    let query = SearchQuery { facets: true, size: one, ..SearchQuery::all(&ctx.tenant) };
    let found = async { ctx.search()?.find(&query).await };
    match found.await.as_deref() {
        Ok(Found { facets: Some(facets), .. }) => Some(tree.counts(&facets.categories)),
        Ok(_) => None,
        Err(fault) => {
            tracing::warn!(error = %fault, "how many products there are is not known just now");
            None
        }
    }
}

fn view(category: &Category, counts: Option<&Counts>) -> CategoryView {
    CategoryView::of(category, counts.and_then(|counts| counts.get(&category.id).copied()))
}

fn refusal(refused: CategoryRefused) -> Problem {
    match refused {
        CategoryRefused::Invalid(errors) => Problem::invalid(errors),
        CategoryRefused::Cycle => Problem::conflict("category_cycle", "A category cannot lie in itself."),
        CategoryRefused::TooDeep => {
            Problem::conflict("category_too_deep", "The tree of categories is six levels deep at most.")
        }
    }
}
