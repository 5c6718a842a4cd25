//! Create a product: one commit with its names, variants, first stock and event.

use serde_json::json;

use super::category::Category;
use super::input::NewProduct;
use super::product::{Image, Product, Rating, Status};
use crate::changes::{Changes, ClaimKind, Expect, Refusal, Write};
use crate::event::{Event, EventKind};
use crate::identity::Actor;
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
}

/// `nth` counts the slugs tried: atta, then atta-2 and so on for products of one name.
pub fn create(
    tenant: &Tenant,
    input: &NewProduct,
    category: &Category,
    images: Vec<Image>,
    nth: u32,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Created {
    let id = ProductId::new(ids);
    let now = clock.now();
    let product = Product {
        id,
        slug: slug(input, id, nth),
        name: input.name.clone(),
        description: input.description.clone(),
        brand: input.brand.clone(),
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
    let mut changes = Changes::new(tenant).write(claim(ClaimKind::ProductSlug, product.slug.as_str(), id));
    for new in &input.variants {
        changes = changes.write(claim(ClaimKind::Sku, new.variant.sku.as_str(), id));
    }
    changes = changes.write(Write::Product { product: Box::new(product.clone()), expect: Expect::New });
    for new in &input.variants {
        let sku = new.variant.sku.clone();
        changes = changes.write(Write::NewStock { product: id, sku, location: Location::main(), available: new.stock });
    }
    let data = json!({ "product_id": id, "version": product.version });
    changes = changes.event(Event::new(EventKind::ProductChanged, tenant, id.to_string(), data, clock, ids));
    let opening = StockMoved::by(&changes.writes, Reason::Opening, Actor::Shop);
    changes = changes.event(opening.event(tenant, clock, ids));
    Created { product, changes }
}

fn claim(kind: ClaimKind, name: &str, owner: ProductId) -> Write {
    Write::Claim { kind, name: name.to_owned(), owner: owner.to_string() }
}

/// A name without a Latin letter gives no slug, so the id does; after a few tries the id ends the search for one.
fn slug(input: &NewProduct, id: ProductId, nth: u32) -> Slug {
    let tail = id.uuid().simple().to_string().split_off(20);
    match (Slug::from_name(&input.name), nth) {
        (Some(slug), 1) => slug,
        (Some(slug), 2..=9) => slug.with_suffix(&nth.to_string()),
        (Some(slug), _) => slug.with_suffix(&tail),
        (None, _) => Slug::parse("product").unwrap_or_else(|_| unreachable!()).with_suffix(&tail),
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
            _ => None,
        }
    }
}
