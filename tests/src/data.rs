//! Data for tests: the least a thing needs, made by the shop's own rules.

use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{
    Category, Created, GstRate, Hsn, NewProduct, NewVariant, ProductTold, QuantityRule, Variant, create, new_category,
};
use bharatmart_core::ports::Ids;
use bharatmart_core::{Changes, Event, EventKind, Paise, ProductId, Sku, Slug, Tenant, Timestamp};
use indexmap::IndexMap;

/// Tests turn the clock themselves: so many seconds after a fixed moment, which lies so far ahead that no engine tidies
/// away, by its own clock, what expires then.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(4_000_000_000_000 + seconds * 1_000)
}

pub const MINUTE: Duration = Duration::from_secs(60);

pub fn tenant(name: &str) -> Tenant {
    Tenant::parse(name).expect("a tenant's name")
}

pub fn sku(text: &str) -> Sku {
    Sku::parse(text).expect("a SKU")
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

pub fn product_id() -> ProductId {
    ProductId::from_uuid(System.uuid())
}

pub fn a_category(tenant: &Tenant, name: &str) -> (Category, Changes) {
    new_category(tenant, slug(name), name, 0, &System, &System)
}

/// A product of that name with a variant for each SKU, and the commit that makes it.
pub fn a_product(tenant: &Tenant, category: &Category, name: &str, stock: &[(&str, u32)]) -> Created {
    let input = NewProduct {
        name: name.to_owned(),
        description: format!("What {name} is good for"),
        brand: "Tests & Sons".to_owned(),
        unit: Some("5 kg".to_owned()),
        category: category.slug.clone(),
        gst_rate: GstRate::parse(5).expect("a rate"),
        hsn: Hsn::parse("1101").expect("an HSN code"),
        tags: vec!["daily".to_owned(), "आटा".to_owned()],
        attributes: IndexMap::from([
            ("weight".to_owned(), "5 kg".to_owned()),
            ("grain".to_owned(), "wheat".to_owned()),
        ]),
        variants: stock.iter().map(|(sku, stock)| a_variant(sku, *stock)).collect(),
    };
    create(tenant, &input, category, Vec::new(), 1, &System, &System)
}

fn a_variant(text: &str, stock: u32) -> NewVariant {
    let variant = Variant {
        sku: sku(text),
        options: IndexMap::from([("size".to_owned(), text.to_lowercase())]),
        price: Paise::from_rupees(249),
        compare_at: Some(Paise::from_rupees(299)),
        quantity: QuantityRule::default(),
    };
    NewVariant { variant, stock }
}

pub fn an_event(tenant: &Tenant, time: Timestamp) -> Event {
    let id = product_id();
    let data = ProductTold { product_id: id, version: 1 };
    let event = Event::new(EventKind::ProductChanged, tenant, id.to_string(), &data, &System, &System);
    Event { time, traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()), ..event }
}
