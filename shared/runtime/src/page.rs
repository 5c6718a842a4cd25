//! A page of records, newest first, with a signed cursor for the next.

use bharatmart_core::record::{Listing, Record};
use bharatmart_core::{Cursor, Invalid, PageSize};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Ctx;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Query;
use crate::spec::Spec;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{V}Page")]
pub struct Page<V> {
    pub data: Vec<V>,
    pub next_cursor: Option<String>,
}

/// Which page is asked for.
pub struct Wanted {
    cursor: Option<String>,
    pub size: usize,
}

/// The parameters of every list.
pub fn parameters(spec: Spec) -> Spec {
    spec.query("limit", r#"{"type":"integer","minimum":1,"maximum":100,"default":20}"#, "Rows a page.").query(
        "cursor",
        r#"{"type":"string"}"#,
        "next_cursor of the page before, with the same filters.",
    )
}

pub fn read(query: &mut Query) -> Wanted {
    let limit = query.take("limit", |text| {
        PageSize::parse(text.parse().map_err(|_| Invalid::new("wrong_type", "must be a whole number from 1 to 100"))?)
    });
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    Wanted { cursor, size: limit.unwrap_or(PageSize::DEFAULT).get() }
}

/// `show` leaves out what is `None`; the page is filled up with what follows. `id` is what the records are listed by.
pub async fn answer<R: Record, V: Serialize>(
    ctx: &Ctx,
    wanted: &Wanted,
    listing: Listing<'_>,
    id: impl Fn(&R) -> String,
    show: impl Fn(&R) -> Option<V>,
) -> Result<Reply, Problem> {
    let list = format!("{}/{}/{listing:?}", R::KIND.name, ctx.tenant);
    let mut before = begin(ctx, wanted, &list).await?;
    let mut page = Page { data: Vec::new(), next_cursor: None };
    loop {
        // One more than there is room for tells whether there is another page.
        let asked = wanted.size + 1;
        let records = ctx.list::<R>(listing.clone(), before.as_deref(), asked).await?;
        for record in &records {
            let Some(view) = show(record) else {
                before = Some(id(record));
                continue;
            };
            if page.data.len() == wanted.size {
                let last = before.unwrap_or_default();
                page.next_cursor = Some(next(ctx, &list, &last).await?);
                return Reply::ok(&page);
            }
            before = Some(id(record));
            page.data.push(view);
        }
        if records.len() < asked {
            return Reply::ok(&page);
        }
    }
}

/// After what the page asked for begins, where its cursor says so. `list` names what is paged through.
pub async fn begin(ctx: &Ctx, wanted: &Wanted, list: &str) -> Result<Option<String>, Problem> {
    let Some(cursor) = &wanted.cursor else { return Ok(None) };
    let opened = Cursor::open(&ctx.cursor_key().await?, list, cursor);
    opened.map(Some).map_err(|invalid| Problem::field("cursor", invalid.code, invalid.message))
}

/// The cursor of the page that follows `last`.
pub async fn next(ctx: &Ctx, list: &str, last: &str) -> Result<String, Problem> {
    Ok(Cursor::seal(&ctx.cursor_key().await?, list, &last))
}
