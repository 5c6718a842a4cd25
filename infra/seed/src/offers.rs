//! What the shop begins with to draw people in: banners for its first page, and the coupons they tell of. Amounts in
//! `data/offers.json` are in paise; all of it holds for a year from the day it is put in.

use std::time::Duration;

use bharatmart_core::catalog::Banner;
use bharatmart_core::pricing::{Benefit, Coupon, CouponInput};
use bharatmart_core::{BannerId, Timestamp};
use serde::Deserialize;

use crate::shelves::{rupees, unreadable};
use crate::{SeedError, picture};

const OFFERS: &str = include_str!("../data/offers.json");
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(crate) struct Offers {
    pub banners: Vec<Poster>,
    pub coupons: Vec<Coupon>,
}

/// A banner with its picture, SVG, and where that is kept.
pub(crate) struct Poster {
    pub banner: Banner,
    pub key: String,
    pub picture: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    banners: Vec<BannerRow>,
    coupons: Vec<CouponRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BannerRow {
    /// Its own for good: so a second run finds the banner, whatever was made of it since.
    id: BannerId,
    name: String,
    title: String,
    category: String,
    picture: String,
    link: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CouponRow {
    code: String,
    benefit: Benefit,
    percent: Option<i64>,
    amount: Option<i64>,
    at_most: Option<i64>,
    minimum: i64,
    total_limit: Option<i64>,
    user_limit: Option<i64>,
}

pub(crate) fn read(folder: &str, now: Timestamp) -> Result<Offers, SeedError> {
    let file: File = serde_json::from_str(OFFERS).map_err(|error| unreadable("offers", error))?;
    let banners = file.banners.into_iter().zip(1..).map(|(row, position)| poster(row, position, folder, now));
    let coupons = file.coupons.into_iter().map(|row| coupon(row, now));
    Ok(Offers { banners: banners.collect::<Result<_, _>>()?, coupons: coupons.collect::<Result<_, _>>()? })
}

fn poster(row: BannerRow, position: u32, folder: &str, now: Timestamp) -> Result<Poster, SeedError> {
    let picture = picture::draw_wide(&row.category, &row.picture, &row.name, &row.title)
        .ok_or_else(|| unreadable(&row.name, "no such picture"))?;
    let key = format!("{folder}{}.svg", row.name);
    let banner = Banner {
        id: row.id,
        version: 1,
        title: row.title,
        image: format!("/{key}"),
        link: row.link,
        position,
        starts_at: now,
        ends_at: now.after(A_YEAR),
        created_at: now,
        updated_at: now,
    };
    Ok(Poster { banner, key, picture })
}

fn coupon(row: CouponRow, now: Timestamp) -> Result<Coupon, SeedError> {
    let code = row.code.clone();
    let input = CouponInput {
        code: row.code,
        benefit: row.benefit,
        percent: row.percent,
        amount: row.amount.map(rupees),
        at_most: row.at_most.map(rupees),
        minimum: Some(rupees(row.minimum)),
        starts_at: now.to_string(),
        ends_at: now.after(A_YEAR).to_string(),
        total_limit: row.total_limit,
        user_limit: row.user_limit,
        active: None,
    };
    Coupon::parse(input, now).map_err(|errors| {
        let named = errors.iter().map(|error| format!("{} {}", error.field, error.message));
        unreadable(&code, named.collect::<Vec<_>>().join("; "))
    })
}
