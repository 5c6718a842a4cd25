//! A page of a list or search: from the index, or for plain lists from the store while the index is away.

use std::sync::Arc;

use bharatmart_core::catalog::{ListedProduct, Status};
use bharatmart_core::check::Invalid;
use bharatmart_core::ports::{Fault, Found, SearchQuery, SearchSort, SortKey};
use bharatmart_core::{Cursor, PageSize, Paise, ProductId, Slug};
use bharatmart_runtime::http::StatusCode;
use bharatmart_runtime::request::Query;
use bharatmart_runtime::{Ctx, Problem, Reply, Wanted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the answer looks like, for OpenAPI; it is put together from rows that are JSON already.
#[derive(JsonSchema)]
#[schemars(rename = "ProductPage")]
#[allow(dead_code, reason = "describes the answer to OpenAPI")]
pub(super) struct ProductPage {
    data: Vec<ListedProduct>,
    next_cursor: Option<String>,
    /// How many there are in all; not told when `degraded`.
    total: Option<u64>,
    /// The index is away: the list comes from the store, newest first.
    degraded: Option<bool>,
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
    let limit = query.take("limit", |text| {
        PageSize::parse(text.parse().map_err(|_| Invalid::new("wrong_type", "must be a whole number from 1 to 100"))?)
    });
    SearchQuery {
        tenant: ctx.tenant.clone(),
        text: None,
        category,
        tag: query.take("tag", |tag| Ok(tag.to_lowercase())),
        least_price,
        most_price,
        in_stock: query.flag("in_stock").unwrap_or(false),
        sort,
        after: None,
        size: limit.unwrap_or(PageSize::DEFAULT),
    }
}

pub(super) fn sort(text: &str) -> Result<SearchSort, Invalid> {
    match text {
        "newest" => Ok(SearchSort::Newest),
        "price_asc" => Ok(SearchSort::PriceAsc),
        "price_desc" => Ok(SearchSort::PriceDesc),
        "rating" => Ok(SearchSort::Rating),
        "name" => Ok(SearchSort::Name),
        _ => Err(Invalid::new("unknown_sort", "must be newest, price_asc, price_desc, rating or name")),
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
        Err(fault @ Fault::Away { .. }) => {
            let detail = "Search does not answer just now; lists without filters do.";
            Err(Problem::unavailable("search_unavailable", detail, fault.to_string()))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// A cursor belongs to one list: the same filters, sort and shop.
fn list_name(query: &SearchQuery) -> String {
    let SearchQuery { tenant, text, category, tag, least_price, most_price, in_stock, sort, .. } = query;
    format!("products/{tenant:?}/{text:?}/{category:?}/{tag:?}/{least_price:?}/{most_price:?}/{in_stock}/{sort:?}")
}

/// What the store can list by itself.
fn is_plain(query: &SearchQuery) -> bool {
    let SearchQuery { text, tag, least_price, most_price, in_stock, sort, .. } = query;
    let unfiltered = tag.is_none() && least_price.is_none() && most_price.is_none() && !in_stock;
    text.is_none() && unfiltered && *sort == SearchSort::Newest
}

async fn from_index(ctx: &Ctx, found: &Arc<Found>, list: &str) -> Result<Reply, Problem> {
    let cursor = match &found.next {
        Some(key) => Some(Cursor::seal(&ctx.cursor_key().await?, list, &Position::Index(key.clone()))),
        None => None,
    };
    let tail = format!(",\"total\":{}", found.total);
    Ok(Reply::raw(StatusCode::OK, page(found.rows.iter().map(|row| &**row), cursor.as_deref(), &tail)))
}

async fn from_store(ctx: &Ctx, query: &SearchQuery, list: &str, before: Option<ProductId>) -> Result<Reply, Problem> {
    let category = match &query.category {
        Some(slug) => match ctx.category(Wanted::Slug(slug)).await? {
            Some(category) => Some(category.id),
            None => return Ok(Reply::raw(StatusCode::OK, page(std::iter::empty(), None, ",\"degraded\":true"))),
        },
        None => None,
    };
    let size = query.size.get();
    let products = ctx.catalog()?.newest_products(&ctx.tenant, category, before, size).await?;
    let last = products.last().filter(|_| products.len() == size).map(|stocked| stocked.product.id);
    let mut rows = Vec::with_capacity(products.len());
    for stocked in products.iter().filter(|stocked| stocked.product.status == Status::Active) {
        if let Some(category) = ctx.category(Wanted::Id(stocked.product.category)).await? {
            rows.push(serde_json::to_string(&ListedProduct::of(stocked, &category)).unwrap_or_default());
        }
    }
    let cursor = match last {
        Some(id) => Some(Cursor::seal(&ctx.cursor_key().await?, list, &Position::Store(id))),
        None => None,
    };
    Ok(Reply::raw(StatusCode::OK, page(rows.iter().map(String::as_str), cursor.as_deref(), ",\"degraded\":true")))
}

/// Puts rows that are JSON already into a page, without parsing them again.
fn page<'a>(rows: impl Iterator<Item = &'a str> + Clone, cursor: Option<&str>, tail: &str) -> String {
    let length: usize = rows.clone().map(|row| row.len() + 1).sum();
    let mut body = String::with_capacity(length + 200);
    body.push_str("{\"data\":[");
    for (i, row) in rows.enumerate() {
        if i > 0 {
            body.push(',');
        }
        body.push_str(row);
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
