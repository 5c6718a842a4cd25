//! A product of many variants and its stock are read in one round trip: what goes between store and server is counted
//! on its way. SQLite has no wire; there the calls of the engine are counted, beside its adapter.

use bharatmart_core::catalog::{Product, ProductRef};
use bharatmart_core::changes::{ClaimKind, Expect, Write};
use bharatmart_core::inventory::Location;
use bharatmart_core::ports::Store;
use bharatmart_core::{Changes, Tenant};
use bharatmart_tests::stores::{Place, StoreWorld};
use bharatmart_tests::{data, on_every};

use super::commit;
use super::relay::behind_a_relay;

on_every!(bharatmart_tests::stores: postgres, dynamodb => [
    a_product_of_400_variants_and_its_stock_are_read_in_one_round_trip,
    the_newest_products_of_twenty_categories_are_asked_for_at_once,
]);

const VARIANTS: usize = 400;

/// DynamoDB's limits, kept on every engine: of an item, and of a page that a query is answered with.
const LARGEST_ITEM: usize = 400_000;
const LARGEST_PAGE: usize = 1_000_000;

async fn a_product_of_400_variants_and_its_stock_are_read_in_one_round_trip(world: StoreWorld) {
    let (tenant, shirt) = (Tenant::main(), a_shirt(&*world.store).await);
    let size = serde_json::to_string(&shirt).unwrap().len();
    assert!(size < LARGEST_ITEM, "{size} bytes");
    let (relay, store) = behind_a_relay(&world.place).await;
    // A slug is a claim's name, and only a join finds in the same trip whose it is.
    let by_slug = if matches!(world.place, Place::Dynamo { .. }) { 2 } else { 1 };
    for (named, trips) in [(ProductRef::Id(shirt.id), 1), (ProductRef::Slug(shirt.slug.clone()), by_slug)] {
        // Connects, and has its statements prepared.
        store.product(&tenant, &named).await.unwrap();
        let before = relay.counted();
        let read = store.product(&tenant, &named).await.unwrap().expect("it is there");
        let after = relay.counted();
        assert_eq!(after.trips - before.trips, trips, "{named:?}");
        assert!(after.answered - before.answered < LARGEST_PAGE, "{} bytes", after.answered - before.answered);
        assert_eq!(read.product, shirt);
        assert!(shirt.variants.iter().all(|variant| read.available(&variant.sku) == 7));
    }
}

async fn the_newest_products_of_twenty_categories_are_asked_for_at_once(world: StoreWorld) {
    let tenant = Tenant::main();
    let (category, _) = data::a_category(&tenant, "shirts");
    let shirt = data::a_product(&tenant, &category, "Handloom shirt", &[("SHIRT", 7)]);
    commit(&*world.store, shirt.changes).await;
    let others = (0..19).map(|nth| data::a_category(&tenant, &format!("others-{nth}")).0.id);
    let of: Vec<_> = others.chain([category.id]).collect();
    let (relay, store) = behind_a_relay(&world.place).await;
    // DynamoDB is asked for each, but for many at once.
    let trips = if matches!(world.place, Place::Dynamo { .. }) { of.len() } else { 1 };
    store.newest_products(&tenant, Some(&of), None, 20).await.unwrap();
    let before = relay.counted();
    assert_eq!(store.newest_products(&tenant, Some(&of), None, 20).await.unwrap(), [shirt.product.id]);
    assert_eq!(relay.counted().trips - before.trips, trips);
}

/// Made with as many variants as one commit takes, then given more of them, as whoever sells it would.
async fn a_shirt(store: &dyn Store) -> Product {
    let tenant = Tenant::main();
    let (category, changes) = data::a_category(&tenant, "shirts");
    commit(store, changes).await;
    let skus: Vec<_> = (0..VARIANTS).map(|nth| format!("SHIRT-OF-HANDLOOM-COTTON-{nth:03}")).collect();
    let with = |skus: &[String]| {
        let stock: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 7)).collect();
        data::a_product(&tenant, &category, "Handloom shirt", &stock)
    };
    let (first, more) = skus.split_at(30);
    let made = with(first);
    commit(store, made.changes).await;
    let mut shirt = made.product;
    for some in more.chunks(30) {
        let expect = Expect::Version(shirt.version);
        shirt.variants.extend(with(some).product.variants);
        shirt.version += 1;
        let mut changes = Changes::new(&tenant).write(Write::Product { product: Box::new(shirt.clone()), expect });
        for text in some {
            let (sku, product) = (data::sku(text), shirt.id);
            changes = changes
                .write(Write::Claim { kind: ClaimKind::Sku, name: text.clone(), owner: product.to_string() })
                .write(Write::NewStock { product, sku, location: Location::main(), available: 7 });
        }
        commit(store, changes).await;
    }
    shirt
}
