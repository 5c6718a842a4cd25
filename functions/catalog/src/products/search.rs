//! Search products by words.

use bharatmart_core::ports::SearchSort;
use bharatmart_core::text::bounded;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{list, page};

pub static ROUTE: Route = Route {
    name: "products-search",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/search",
    summary: "Search products",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::FINDS, Need::READS_CATALOG, Need::secret(CURSOR_KEY)],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(search(ctx)),
};

pub fn spec() -> Spec {
    const TEXT: &str = r#"{"type":"string","minLength":1,"maxLength":200}"#;
    const SORTS: &str = concat!(
        r#"{"type":"string","enum":["relevance","newest","price_asc","price_desc","rating","sales","name"],"#,
        r#""default":"relevance"}"#
    );
    list::filters(Spec::new(
        "Products that match words: typos, the beginnings of words and Hindi words in either script are understood.",
    ))
    .required_query("q", TEXT, "What to look for.", "atta")
    .query("sort", SORTS, "The order.")
    .answer::<page::SearchPage>(200, "A page of what was found, with the words that were found marked.")
}

async fn search(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let text = query.take("q", |text| bounded(text, 1, 200));
    let sort = query.take("sort", |text| match text {
        "relevance" => Ok(SearchSort::Relevance),
        other => page::sort(other),
    });
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    let mut wanted = page::read(ctx, &mut query, sort.unwrap_or(SearchSort::Relevance));
    query.finish()?;
    wanted.highlights = true;
    wanted.text = Some(text.ok_or_else(|| Problem::field("q", "missing_field", "must be given"))?);
    page::answer(ctx, wanted, cursor).await
}
