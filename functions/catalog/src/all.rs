//! All records of a kind of which a shop has few.

use bharatmart_core::Record;
use bharatmart_core::ports::Fault;
use bharatmart_core::record::Listing;
use bharatmart_runtime::Ctx;

const PAGE: usize = 200;

/// `id` is what the records are listed by.
pub async fn all<R: Record>(ctx: &Ctx, id: impl Fn(&R) -> String) -> Result<Vec<R>, Fault> {
    let mut all: Vec<R> = Vec::new();
    loop {
        let before = all.last().map(&id);
        let page = ctx.list(Listing::All, before.as_deref(), PAGE).await?;
        let full = page.len() == PAGE;
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}
