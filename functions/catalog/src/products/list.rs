//! List products, filtered and sorted, a page at a time.

use bharatmart_core::ports::SearchSort;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::page;

pub static ROUTE: Route = Route {
    name: "products-list",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/products",
    summary: "List products",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::FINDS, Need::READS_CATALOG, Need::secret(CURSOR_KEY)],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    filters(Spec::new("Products of the shop, filtered and sorted, a page at a time.")).query(
        "sort",
        r#"{"type":"string","enum":["newest","price_asc","price_desc","rating","sales","name"],"default":"newest"}"#,
        "The order.",
    )
    .answer::<page::ProductPage>(200, "A page of products.")
}

/// Parameters that lists and searches share.
pub(super) fn filters(spec: Spec) -> Spec {
    const PAISE: &str = r#"{"type":"integer","minimum":0}"#;
    spec.query("category", r#"{"type":"string"}"#, "The slug of a category; what is in those below it belongs to it.")
        .query("brand", r#"{"type":"string","maxLength":100}"#, "A brand's name, in whatever case.")
        .query("min_price", PAISE, "The least price, in paise.")
        .query("max_price", PAISE, "The highest price, in paise.")
        .query("min_rating", r#"{"type":"number","minimum":0,"maximum":5}"#, "The least rating, in stars to a tenth.")
        .query("tag", r#"{"type":"string","maxLength":40}"#, "A tag.")
        .query("in_stock", r#"{"type":"boolean"}"#, "Only what can be had.")
        .query("featured", r#"{"type":"boolean"}"#, "Only what stands in the shop's window.")
        .query(
            "facets",
            r#"{"type":"boolean"}"#,
            "Whether to count what there is of each category, brand, price and rating.",
        )
        .query("limit", r#"{"type":"integer","minimum":1,"maximum":100,"default":20}"#, "Rows a page.")
        .query("cursor", r#"{"type":"string"}"#, "next_cursor of the page before, with the same filters and sort.")
        .problem(503, "search_unavailable")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let sort = query.take("sort", page::sort).unwrap_or(SearchSort::Newest);
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    let wanted = page::read(ctx, &mut query, sort);
    query.finish()?;
    page::answer(ctx, wanted, cursor).await
}
