//! Banners of the shop's first page.

pub mod create;
pub mod delete;
pub mod list;
pub mod list_all;
pub mod update;

use bharatmart_core::catalog::Banner;
use bharatmart_core::catalog::banners::BannerView;
use bharatmart_core::{BannerId, RecordKey};
use bharatmart_runtime::{Ctx, Problem, Reply};
use schemars::JsonSchema;
use serde::Serialize;

use crate::all::all;

const EXAMPLE: &str = "bnr_0199a3b1c2d37e4f8a5b6c7d8e9f0a1b";

#[derive(Serialize, JsonSchema)]
struct Banners {
    data: Vec<BannerView>,
    next_cursor: Option<String>,
    total: usize,
}

/// Those that are wanted, by position and then the oldest first.
async fn page(ctx: &Ctx, wanted: impl Fn(&Banner) -> bool) -> Result<Banners, Problem> {
    let mut banners = all(ctx, |banner: &Banner| banner.id.to_string()).await?;
    banners.retain(wanted);
    banners.sort_by_key(|banner| (banner.position, banner.id));
    let data: Vec<_> = banners.iter().map(BannerView::from).collect();
    Ok(Banners { total: data.len(), data, next_cursor: None })
}

/// The one that is named in the path.
async fn named(ctx: &Ctx) -> Result<Banner, Problem> {
    let missing = || Problem::not_found("banner");
    let id: BannerId = ctx.path("id").parse().map_err(|_| missing())?;
    ctx.find(&RecordKey::alone(id)).await?.ok_or_else(missing)
}

fn shown(banner: &Banner) -> Result<Reply, Problem> {
    Ok(Reply::ok(&BannerView::from(banner))?.version(banner.version))
}
