//! Create a product: one commit with its names, variants, first stock and the events of both.

use uuid::Uuid;

use super::category::Category;
use super::input::NewProduct;
use super::product::{Image, Product, Rating, Status};
use super::product_event::ProductTold;
use super::told::told;
use crate::changes::{Changes, ClaimKind, Expect, Refusal, Write};
use crate::event::{Event, EventKind};
use crate::hand::Hand;
use crate::identity::Action;
use crate::ids::ProductId;
use crate::inventory::{Location, Reason, StockMoved};
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::{Sku, Slug};

#[derive(Clone, Debug)]
pub struct Created {
    pub product: Product,
    pub changes: Changes,
}

/// Why the store refused, in the shop's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefused {
    SkuTaken {
        sku: Sku,
    },
    /// Another product came first with this slug: take the next one.
    SlugTaken,
    /// The category is another than was read: renamed, moved or gone.
    CategoryChanged,
}

/// By the shop itself, which fills its shelves before anybody works there.
pub fn create(
    tenant: &Tenant,
    input: &NewProduct,
    category: &Category,
    images: Vec<Image>,
    nth: u32,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Created {
    made(Hand::shop(tenant, clock, ids), input, category, images, nth)
}

/// By somebody who works there: it is audited, and refused when the category has changed since it was read.
pub fn add(hand: Hand<'_>, input: &NewProduct, category: &Category, nth: u32) -> Created {
    let Created { product, changes } = made(hand, input, category, Vec::new(), nth);
    let entry = hand.audit(Action::ProductCreated, product.id).changed(None, Some(told(&product)));
    let changes = changes.write(category.hold()).put(&entry, Expect::New);
    Created { product, changes }
}

/// `nth` counts the slugs tried: atta, then atta-2 and so on for products of one name.
fn made(hand: Hand<'_>, input: &NewProduct, category: &Category, images: Vec<Image>, nth: u32) -> Created {
    let id = ProductId::new(hand.ids);
    let now = hand.now();
    let product = Product {
        id,
        slug: slug(&input.name, "product", id.uuid(), nth),
        name: input.name.clone(),
        description: input.description.clone(),
        brand: input.brand.clone(),
        unit: input.unit.clone(),
        category: category.id,
        gst_rate: input.gst_rate,
        hsn: input.hsn.clone(),
        images,
        tags: input.tags.clone(),
        attributes: input.attributes.clone(),
        rating: Rating::default(),
        variants: input.variants.iter().map(|new| new.variant.clone()).collect(),
        status: Status::Active,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut changes = hand.changes().write(claim(ClaimKind::ProductSlug, product.slug.as_str(), id));
    for new in &input.variants {
        changes = changes.write(claim(ClaimKind::Sku, new.variant.sku.as_str(), id));
    }
    changes = changes.write(Write::Product { product: Box::new(product.clone()), expect: Expect::New });
    for new in &input.variants {
        let sku = new.variant.sku.clone();
        changes = changes.write(Write::NewStock { product: id, sku, location: Location::main(), available: new.stock });
    }
    let moved = StockMoved::by(&changes.writes, Reason::Opening, hand.by);
    let changes = changes.event(changed(hand, &product)).event(moved.event(hand.tenant, hand.clock, hand.ids));
    Created { product, changes }
}

/// The event that tells of it.
pub(super) fn changed(hand: Hand<'_>, product: &Product) -> Event {
    hand.event(EventKind::ProductChanged, product.id, &ProductTold::of(product))
}

pub(super) fn claim(kind: ClaimKind, name: &str, owner: ProductId) -> Write {
    Write::Claim { kind, name: name.to_owned(), owner: owner.to_string() }
}

/// A name without a Latin letter gives no slug, so the id does; after a few tries the id ends the search for one.
pub(super) fn slug(name: &str, kind: &str, id: Uuid, nth: u32) -> Slug {
    let tail = id.simple().to_string().split_off(20);
    match (Slug::from_name(name), nth) {
        (Some(slug), 1) => slug,
        (Some(slug), 2..=9) => slug.with_suffix(&nth.to_string()),
        (Some(slug), _) => slug.with_suffix(&tail),
        (None, _) => Slug::parse(kind).unwrap_or_else(|_| unreachable!()).with_suffix(&tail),
    }
}

impl CreateRefused {
    /// `None` when the refusal is not about the product: a lost fence, say.
    pub fn read(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::NameTaken { kind: ClaimKind::Sku, name } => {
                Sku::parse(name).ok().map(|sku| CreateRefused::SkuTaken { sku })
            }
            Refusal::NameTaken { kind: ClaimKind::ProductSlug, .. } => Some(CreateRefused::SlugTaken),
            Refusal::VersionChanged(_) => Some(CreateRefused::CategoryChanged),
            _ => None,
        }
    }
}
