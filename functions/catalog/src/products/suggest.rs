//! What somebody may be about to type: categories, brands and products, while they type.

use bharatmart_core::ports::Suggestion;
use bharatmart_core::text::bounded;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use super::page;

pub static ROUTE: Route = Route {
    name: "search-suggest",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/search/suggest",
    summary: "Suggest what to search for",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::FINDS],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(suggest(ctx)),
};

const MOST: usize = 8;

pub fn spec() -> Spec {
    const TEXT: &str = r#"{"type":"string","minLength":1,"maxLength":200}"#;
    Spec::new("At most eight categories, brands and products that the text may become, best first.")
        .required_query("q", TEXT, "What has been typed so far.", "att")
        .answer::<Suggestions>(200, "The suggestions.")
        .problem(503, "search_unavailable")
}

#[derive(Serialize, JsonSchema)]
struct Suggestions {
    data: Vec<SuggestionView>,
    next_cursor: Option<String>,
    total: usize,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Suggestion")]
struct SuggestionView {
    kind: Kind,
    text: String,
    /// Of a category or product.
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    /// Of a product.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SuggestionKind")]
enum Kind {
    Category,
    Brand,
    Product,
}

impl From<&Suggestion> for SuggestionView {
    fn from(suggestion: &Suggestion) -> Self {
        let (kind, text, slug, id) = match suggestion {
            Suggestion::Category { slug, name } => (Kind::Category, name, Some(slug.clone()), None),
            Suggestion::Brand(name) => (Kind::Brand, name, None, None),
            Suggestion::Product { id, slug, name } => {
                (Kind::Product, name, Some(slug.clone()), Some(id.to_string())) //
            }
        };
        SuggestionView { kind, text: text.clone(), slug, id }
    }
}

async fn suggest(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let text = query.take("q", |text| bounded(text, 1, 200));
    query.finish()?;
    let text = text.ok_or_else(|| Problem::field("q", "missing_field", "must be given"))?;
    let suggestions = ctx.search()?.suggest(&ctx.tenant, &text, MOST).await.map_err(page::away)?;
    let data: Vec<_> = suggestions.iter().map(SuggestionView::from).collect();
    Reply::ok(&Suggestions { total: data.len(), data, next_cursor: None })
}
