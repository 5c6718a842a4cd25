//! A product is read by one call of the engine, however many variants it has. What a call costs on a wire is the
//! conformance suite's to count.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bharatmart_core::catalog::{GstRate, Hsn, Product, ProductRef, QuantityRule, Rating, Status, Variant};
use bharatmart_core::changes::{Changes, ClaimKind, Expect, Write};
use bharatmart_core::inventory::Location;
use bharatmart_core::ports::{CatalogReads, CommitError, Commits, Fault, Ids};
use bharatmart_core::{CategoryId, Paise, ProductId, Sku, Slug, Tenant, Timestamp};

use super::SqliteStore;
use super::connection::Row;
use super::store::Sqlite;
use crate::sql::{Cost, Engine, Plan, Query, SqlStore};
use crate::system::System;

const VARIANTS: usize = 400;

struct Counting {
    engine: Sqlite,
    reads: AtomicUsize,
}

#[async_trait]
impl Engine for Counting {
    type Row = Row;

    async fn read(&self, queries: Vec<Query>, cost: Cost) -> Result<Vec<Vec<Row>>, Fault> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.engine.read(queries, cost).await
    }

    async fn write(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        self.engine.write(queries).await
    }

    async fn commit(&self, plan: Plan) -> Result<(), CommitError> {
        self.engine.commit(plan).await
    }
}

fn sku(nth: usize) -> Sku {
    Sku::parse(&format!("SHIRT-{nth}")).unwrap()
}

fn a_shirt() -> Product {
    let now = Timestamp::from_millis(1_790_000_000_123);
    let variant = |nth: usize| Variant {
        sku: sku(nth),
        options: [("size".to_owned(), nth.to_string())].into_iter().collect(),
        price: Paise::from_rupees(499),
        compare_at: None,
        quantity: QuantityRule::default(),
    };
    Product {
        id: ProductId::new(&System),
        slug: Slug::parse("shirt").unwrap(),
        name: "Shirt".to_owned(),
        description: "Of cotton".to_owned(),
        brand: "Tests & Sons".to_owned(),
        unit: None,
        category: CategoryId::from_uuid(System.uuid()),
        gst_rate: GstRate::parse(5).unwrap(),
        hsn: Hsn::parse("6205").unwrap(),
        images: Vec::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        rating: Rating::default(),
        variants: (0..VARIANTS).map(variant).collect(),
        status: Status::Active,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Its stock does not fit into the commit that makes it.
async fn keep(store: &SqliteStore, tenant: &Tenant, shirt: &Product) {
    let slug = Write::Claim { kind: ClaimKind::ProductSlug, name: shirt.slug.to_string(), owner: shirt.id.to_string() };
    let product = Write::Product { product: Box::new(shirt.clone()), expect: Expect::New };
    store.commit(Changes::new(tenant).write(slug).write(product)).await.unwrap();
    for some in shirt.variants.chunks(100) {
        let stock = some.iter().fold(Changes::new(tenant), |changes, variant| {
            let (sku, location) = (variant.sku.clone(), Location::main());
            changes.write(Write::NewStock { product: shirt.id, sku, location, available: 7 })
        });
        store.commit(stock).await.unwrap();
    }
}

#[tokio::test]
async fn a_product_of_400_variants_and_its_stock_are_read_by_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let (store, tenant, shirt) =
        (SqliteStore::open(&folder.path().join("shop.sqlite")).unwrap(), Tenant::main(), a_shirt());
    keep(&store, &tenant, &shirt).await;
    let store = SqlStore { engine: Counting { engine: store.engine, reads: AtomicUsize::new(0) } };
    for (nth, named) in [ProductRef::Id(shirt.id), ProductRef::Slug(shirt.slug.clone())].into_iter().enumerate() {
        let read = store.product(&tenant, &named).await.unwrap().expect("it is there");
        assert_eq!(store.engine.reads.load(Ordering::Relaxed), nth + 1);
        assert_eq!(read.product, shirt);
        assert!((0..VARIANTS).all(|nth| read.available(&sku(nth)) == 7));
    }
}
