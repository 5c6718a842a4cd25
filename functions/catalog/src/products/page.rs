//! A page of a list or search: from the index, or for plain lists from the store while the index is away.

use bharatmart_core::catalog::{Category, ListedProduct, Status};
use bharatmart_core::check::Invalid;
use bharatmart_core::ports::{Fault, Found, Highlights, SearchQuery, SearchSort, SortKey};
use bharatmart_core::text::bounded;
use bharatmart_core::{Cursor, PageSize, Paise, ProductId, Slug};
use bharatmart_runtime::http::StatusCode;
use bharatmart_runtime::request::Query;
use bharatmart_runtime::{Ctx, Problem, Reply, Wanted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facets::{self, FacetsView};

/// What the answer looks like, for OpenAPI; it is put together from rows that are JSON already.
#[derive(JsonSchema)]
#[schemars(rename = "ProductPage")]
#[allow(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct ProductPage {
    data: Vec<ListedProduct>,
    next_cursor: Option<String>,
    /// How many there are in all; not told when `degraded`.
    total: Option<u64>,
    /// When they were asked for.
    facets: Option<FacetsView>,
    /// The index is away: the list comes from the store, newest first, without facets.
    degraded: Option<bool>,
}

/// The same of a search.
#[derive(JsonSchema)]
#[schemars(rename = "SearchPage")]
#[allow(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct SearchPage {
    data: Vec<FoundProduct>,
    next_cursor: Option<String>,
    total: u64,
    facets: Option<FacetsView>,
}

#[derive(JsonSchema)]
#[schemars(rename = "FoundProduct")]
#[allow(dead_code, reason = "describes the answer to OpenAPI")]
struct FoundProduct {
    #[schemars(flatten)]
    product: ListedProduct,
    highlights: Highlights,
}

/// Where the next page begins.
#[derive(Serialize, Deserialize)]
enum Position {
    Index(SortKey),
    Store(ProductId),
}

/// Filters that lists and searches share.
pub(super) fn read(ctx: &Ctx, query: &mut Query, sort: SearchSort) -> SearchQuery {
    let category = query.take("category", Slug::parse);
    let price = |text: &str| {
        let amount = text.parse().map_err(|_| Invalid::new("wrong_type", "must be a whole number of paise"))?;
        Paise::parse(amount)
    };
    let least_price = query.take("min_price", price);
    let most_price = query.take("max_price", price);
    if least_price.zip(most_price).is_some_and(|(least, most)| least > most) {
        query.wrong("min_price", Invalid::new("out_of_range", "must not be above max_price"));
    }
    let least_rating = query.take("min_rating", rating);
    let limit = query.take("limit", |text| {
        PageSize::parse(text.parse().map_err(|_| Invalid::new("wrong_type", "must be a whole number from 1 to 100"))?)
    });
    SearchQuery {
        categories: category.into_iter().collect(),
        brand: query.take("brand", |brand| bounded(brand, 1, 100)),
        tag: query.take("tag", |tag| bounded(&tag.to_lowercase(), 1, 40)),
        least_price,
        most_price,
        least_rating,
        in_stock: query.flag("in_stock").unwrap_or(false),
        featured: query.flag("featured").unwrap_or(false),
        sort,
        size: limit.unwrap_or(PageSize::DEFAULT),
        facets: query.flag("facets").unwrap_or(false),
        ..SearchQuery::all(&ctx.tenant)
    }
}

/// Stars, to a tenth, as tenths.
fn rating(text: &str) -> Result<u16, Invalid> {
    let wrong = || Invalid::new("out_of_range", "must be 0 to 5 stars, to a tenth");
    let (stars, tenths) = text.split_once('.').unwrap_or((text, "0"));
    let digit = |text: &str| (text.len() == 1).then(|| text.parse::<u16>().ok()).flatten().ok_or_else(wrong);
    Some(digit(stars)? * 10 + digit(tenths)?).filter(|tenths| *tenths <= 50).ok_or_else(wrong)
}

pub(super) fn sort(text: &str) -> Result<SearchSort, Invalid> {
    match text {
        "newest" => Ok(SearchSort::Newest),
        "price_asc" => Ok(SearchSort::PriceAsc),
        "price_desc" => Ok(SearchSort::PriceDesc),
        "rating" => Ok(SearchSort::Rating),
        "sales" => Ok(SearchSort::Sales),
        "name" => Ok(SearchSort::Name),
        _ => Err(Invalid::new("unknown_sort", "must be newest, price_asc, price_desc, rating, sales or name")),
    }
}

pub(super) async fn answer(ctx: &Ctx, mut query: SearchQuery, cursor: Option<String>) -> Result<Reply, Problem> {
    let list = list_name(&query);
    let position = match cursor {
        None => None,
        Some(cursor) => {
            let opened = Cursor::open(&ctx.cursor_key().await?, &list, &cursor);
            Some(opened.map_err(|invalid| Problem::field("cursor", invalid.code, invalid.message))?)
        }
    };
    query.categories = with_descendants(ctx, query.categories).await;
    match position {
        Some(Position::Store(id)) => return from_store(ctx, &query, &list, Some(id)).await,
        Some(Position::Index(key)) => query.after = Some(key),
        None => {}
    }
    match ctx.search()?.find(&query).await {
        Ok(found) => from_index(ctx, &found, &list).await,
        Err(fault @ Fault::Away { .. }) if query.after.is_none() && is_plain(&query) => {
            tracing::warn!(error = %fault, "the index is away; the list comes from the store");
            from_store(ctx, &query, &list, None).await
        }
        Err(fault) => Err(away(fault)),
    }
}

pub(super) fn away(fault: Fault) -> Problem {
    match fault {
        Fault::Away { .. } => {
            let detail = "Search does not answer just now; lists without filters do.";
            Problem::unavailable("search_unavailable", detail, fault.to_string())
        }
        fault => fault.into(),
    }
}

/// A cursor belongs to one list: the same filters, sort and shop.
fn list_name(query: &SearchQuery) -> String {
    let SearchQuery { tenant, text, categories, brand, tag, least_price, most_price, least_rating, .. } = query;
    let SearchQuery { in_stock, featured, sort, .. } = query;
    format!(
        "products/{tenant:?}/{text:?}/{categories:?}/{brand:?}/{tag:?}/{least_price:?}/{most_price:?}/{least_rating:?}/\
         {in_stock}/{featured}/{sort:?}"
    )
}

/// What the store can list by itself.
fn is_plain(query: &SearchQuery) -> bool {
    let SearchQuery { text, brand, tag, least_price, most_price, least_rating, in_stock, featured, sort, .. } = query;
    let unfiltered = brand.is_none() && tag.is_none() && least_rating.is_none() && !in_stock && !featured;
    let of_all_prices = least_price.is_none() && most_price.is_none();
    text.is_none() && unfiltered && of_all_prices && *sort == SearchSort::Newest
}

/// A category holds what is in those below it. While the store is away a list is of the category alone.
async fn with_descendants(ctx: &Ctx, mut wanted: Vec<Slug>) -> Vec<Slug> {
    if wanted.is_empty() {
        return wanted;
    }
    let all = match ctx.categories().await {
        Ok(all) => all,
        Err(fault) => {
            tracing::warn!(error = %fault, "the categories below are not known just now");
            return wanted;
        }
    };
    let id_of = |slug: &Slug| all.iter().find(|category| category.slug == *slug).map(|category| category.id);
    let mut at = 0;
    while let Some(slug) = wanted.get(at) {
        let id = id_of(slug);
        let is_below = |category: &&Category| id.is_some() && category.parent == id && !wanted.contains(&category.slug);
        let below: Vec<_> = all.iter().filter(is_below).map(|category| category.slug.clone()).collect();
        wanted.extend(below);
        at += 1;
    }
    wanted
}

async fn from_index(ctx: &Ctx, found: &Found, list: &str) -> Result<Reply, Problem> {
    let cursor = match &found.next {
        Some(key) => Some(Cursor::seal(&ctx.cursor_key().await?, list, &Position::Index(key.clone()))),
        None => None,
    };
    let mut tail = format!(",\"total\":{}", found.total);
    if let Some(facets) = &found.facets {
        tail.push_str(",\"facets\":");
        tail.push_str(&facets::json(ctx, facets).await);
    }
    let rows = found.rows.iter().enumerate().map(|(at, row)| (&**row, found.highlights.get(at).map(|marks| &**marks)));
    Ok(Reply::raw(StatusCode::OK, page(rows, cursor.as_deref(), &tail)))
}

async fn from_store(ctx: &Ctx, query: &SearchQuery, list: &str, before: Option<ProductId>) -> Result<Reply, Problem> {
    let size = query.size.get();
    let ids = newest(ctx, &query.categories, before, size).await?;
    let last = ids.last().filter(|_| ids.len() == size);
    let mut products = ctx.catalog()?.products(&ctx.tenant, &ids).await?;
    products.sort_by_key(|stocked| std::cmp::Reverse(stocked.product.id));
    let mut rows = Vec::with_capacity(products.len());
    for stocked in products.iter().filter(|stocked| stocked.product.status == Status::Active) {
        if let Some(category) = ctx.category(Wanted::Id(stocked.product.category)).await? {
            rows.push(serde_json::to_string(&ListedProduct::of(stocked, &category)).unwrap_or_default());
        }
    }
    let cursor = match last {
        Some(id) => Some(Cursor::seal(&ctx.cursor_key().await?, list, &Position::Store(*id))),
        None => None,
    };
    let rows = rows.iter().map(|row| (row.as_str(), None));
    Ok(Reply::raw(StatusCode::OK, page(rows, cursor.as_deref(), ",\"degraded\":true")))
}

/// Of all, or of some categories together.
async fn newest(
    ctx: &Ctx,
    categories: &[Slug],
    before: Option<ProductId>,
    size: usize,
) -> Result<Vec<ProductId>, Problem> {
    let mut of = Vec::with_capacity(categories.len());
    for slug in categories {
        // They are remembered: only one that is new asks the store.
        of.extend(ctx.category(Wanted::Slug(slug)).await?.map(|category| category.id));
    }
    let of = (!categories.is_empty()).then_some(of.as_slice());
    Ok(ctx.catalog()?.newest_products(&ctx.tenant, of, before, size).await?)
}

/// A row's JSON, and that of its highlights if it has any.
type Shown<'a> = (&'a str, Option<&'a str>);

/// Puts rows that are JSON already into a page, without parsing them again.
fn page<'a>(rows: impl Iterator<Item = Shown<'a>> + Clone, cursor: Option<&str>, tail: &str) -> String {
    const HIGHLIGHTS: &str = ",\"highlights\":";
    let length = |(row, marks): Shown<'a>| row.len() + 1 + marks.map_or(0, |marks| marks.len() + HIGHLIGHTS.len());
    let length: usize = rows.clone().map(length).sum();
    let mut body = String::with_capacity(length + tail.len() + 200);
    body.push_str("{\"data\":[");
    for (i, (row, marks)) in rows.enumerate() {
        if i > 0 {
            body.push(',');
        }
        // A row is an object that is not empty: the highlights are its last field.
        match (row.strip_suffix('}'), marks) {
            (Some(open), Some(marks)) => [open, HIGHLIGHTS, marks, "}"].iter().for_each(|part| body.push_str(part)),
            _ => body.push_str(row),
        }
    }
    body.push_str("],\"next_cursor\":");
    match cursor {
        // A cursor is base64: nothing in it to escape.
        Some(cursor) => {
            body.push('"');
            body.push_str(cursor);
            body.push('"');
        }
        None => body.push_str("null"),
    }
    body.push_str(tail);
    body.push('}');
    body
}
