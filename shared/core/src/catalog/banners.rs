//! What a caller sends to put up a banner or change it, and what is written then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::banner::Banner;
use super::input::position;
use crate::changes::{Changes, Expect};
use crate::check::{Check, FieldError, Invalid};
use crate::hand::Hand;
use crate::identity::Action;
use crate::ids::BannerId;
use crate::text::{bounded, web_address};
use crate::time::Timestamp;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BannerInput {
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// Where its picture is: a path of the shop, or an address that begins with https://.
    pub image: String,
    /// Where it leads: likewise.
    pub link: String,
    /// The least comes first.
    #[schemars(range(min = 0, max = 1000000))]
    pub position: Option<i64>,
    pub starts_at: String,
    /// From then on it is not shown.
    pub ends_at: String,
}

/// What is absent stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BannerChangeInput {
    #[schemars(length(min = 1, max = 120))]
    pub title: Option<String>,
    pub image: Option<String>,
    pub link: Option<String>,
    #[schemars(range(min = 0, max = 1000000))]
    pub position: Option<i64>,
    pub starts_at: Option<String>,
    pub ends_at: Option<String>,
}

#[derive(Clone, Debug)]
pub struct BannerChange {
    title: Option<String>,
    image: Option<String>,
    link: Option<String>,
    position: Option<u32>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl From<BannerInput> for BannerChangeInput {
    fn from(input: BannerInput) -> Self {
        let BannerInput { title, image, link, position, starts_at, ends_at } = input;
        BannerChangeInput {
            title: Some(title),
            image: Some(image),
            link: Some(link),
            position,
            starts_at: Some(starts_at),
            ends_at: Some(ends_at),
        }
    }
}

impl BannerChange {
    fn read(check: &mut Check, input: &BannerChangeInput) -> Self {
        BannerChange {
            title: input.title.as_deref().and_then(|text| check.field("title", bounded(text, 1, 120))),
            image: input.image.as_deref().and_then(|text| check.field("image", web_address(text))),
            link: input.link.as_deref().and_then(|text| check.field("link", web_address(text))),
            position: input.position.and_then(|given| check.field("position", position(given))),
            starts_at: input.starts_at.as_deref().and_then(|text| check.field("starts_at", Timestamp::parse(text))),
            ends_at: input.ends_at.as_deref().and_then(|text| check.field("ends_at", Timestamp::parse(text))),
        }
    }
}

/// What is wrong is all named at once.
pub fn create(hand: Hand<'_>, input: BannerInput) -> Result<(Banner, Changes), Vec<FieldError>> {
    let mut check = Check::new();
    let read = BannerChange::read(&mut check, &input.into());
    let (now, id) = (hand.now(), BannerId::new(hand.ids));
    let (Some(title), Some(image), Some(link), Some(starts_at), Some(ends_at)) =
        (read.title, read.image, read.link, read.starts_at, read.ends_at)
    else {
        return Err(check.into_errors());
    };
    let position = read.position.unwrap_or(0);
    let banner =
        Banner { id, version: 1, title, image, link, position, starts_at, ends_at, created_at: now, updated_at: now };
    ends_after_it_starts(check, &banner)?;
    let entry = hand.audit(Action::BannerCreated, id).changed(None, Some(&banner));
    let changes = hand.changes().put(&banner, Expect::New).put(&entry, Expect::New);
    Ok((banner, changes))
}

/// `None` when nothing is new.
pub fn change(
    hand: Hand<'_>,
    banner: &Banner,
    input: &BannerChangeInput,
) -> Result<Option<(Banner, Changes)>, Vec<FieldError>> {
    let mut check = Check::new();
    let read = BannerChange::read(&mut check, input);
    let mut next = banner.clone();
    next.title = read.title.unwrap_or(next.title);
    next.image = read.image.unwrap_or(next.image);
    next.link = read.link.unwrap_or(next.link);
    next.position = read.position.unwrap_or(next.position);
    next.starts_at = read.starts_at.unwrap_or(next.starts_at);
    next.ends_at = read.ends_at.unwrap_or(next.ends_at);
    ends_after_it_starts(check, &next)?;
    if next == *banner {
        return Ok(None);
    }
    (next.version, next.updated_at) = (banner.version + 1, hand.now());
    let entry = hand.audit(Action::BannerChanged, banner.id).changed(Some(banner), Some(&next));
    let changes = hand.changes().put(&next, Expect::Version(banner.version)).put(&entry, Expect::New);
    Ok(Some((next, changes)))
}

pub fn remove(hand: Hand<'_>, banner: &Banner) -> Changes {
    let entry = hand.audit(Action::BannerDeleted, banner.id).changed(Some(banner), None);
    hand.changes().remove(banner).put(&entry, Expect::New)
}

fn ends_after_it_starts(mut check: Check, banner: &Banner) -> Result<(), Vec<FieldError>> {
    if banner.ends_at <= banner.starts_at {
        check.add("ends_at", Invalid::new("not_after_start", "must be after starts_at"));
    }
    if check.is_clean() { Ok(()) } else { Err(check.into_errors()) }
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BannerView {
    pub id: String,
    pub title: String,
    pub image: String,
    pub link: String,
    pub position: u32,
    pub starts_at: String,
    pub ends_at: String,
    pub version: u64,
    pub created_at: String,
    pub updated_at: String,
}

impl From<&Banner> for BannerView {
    fn from(banner: &Banner) -> Self {
        BannerView {
            id: banner.id.to_string(),
            title: banner.title.clone(),
            image: banner.image.clone(),
            link: banner.link.clone(),
            position: banner.position,
            starts_at: banner.starts_at.to_string(),
            ends_at: banner.ends_at.to_string(),
            version: banner.version,
            created_at: banner.created_at.to_string(),
            updated_at: banner.updated_at.to_string(),
        }
    }
}
