//! A SKU that is given up while some of it comes in: whichever is committed first, the other is refused.

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{ProductChange, ProductRef, change};
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{Adjustment, Location, MAX_LOCATIONS, Warehouse};
use bharatmart_core::ports::Store;
use bharatmart_core::{Hand, Refusal, Tenant};
use bharatmart_tests::data::{a_category, a_product, sku, tenant};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;
use serde_json::json;

use super::{commit, refusal};

on_every_store![a_sku_does_not_go_with_what_came_to_a_location_meanwhile, of_two_who_open_the_last_location_one_does,];

fn adjustment(location: &str) -> Adjustment {
    Adjustment { delta: 5, note: "delivered".to_owned(), location: Location::parse(location).unwrap() }
}

fn warehouse(tenant: &Tenant) -> Warehouse<'_> {
    Warehouse { tenant, who: Actor::Shop, clock: &System, ids: &System }
}

/// A product with the SKUs A and B, of which there is none.
async fn put_up(store: &dyn Store, tenant: &Tenant) -> ProductRef {
    let (category, _) = a_category(tenant, "groceries");
    let created = a_product(tenant, &category, "Atta", &[("A", 0), ("B", 0)]);
    commit(store, created.changes).await;
    ProductRef::Id(created.product.id)
}

async fn a_sku_does_not_go_with_what_came_to_a_location_meanwhile(StoreWorld { store, .. }: StoreWorld) {
    for (location, goes_first) in [("main", true), ("main", false), ("pune", true), ("pune", false)] {
        let case = format!("{location}-{goes_first}");
        let tenant = tenant(&case);
        let product = put_up(&*store, &tenant).await;
        let stocked = store.product(&tenant, &product).await.unwrap().unwrap();
        let without = serde_json::from_value(json!({ "remove_variants": ["B"] })).unwrap();
        let without = ProductChange::parse(without).unwrap();
        let gone = change(Hand::shop(&tenant, &System, &System), &stocked, &without, None).unwrap().unwrap().changes;
        let came = warehouse(&tenant).adjust(&stocked, &sku("B"), &adjustment(location), "10.0.0.1").changes;
        let (first, second) = if goes_first { (gone, came) } else { (came, gone) };
        commit(&*store, first).await;
        let refused = refusal(&*store, second).await;
        assert!(matches!(refused, Refusal::VersionChanged(_) | Refusal::InsufficientStock(_)), "{case}: {refused:?}");
        let left = store.product(&tenant, &product).await.unwrap().unwrap();
        assert_eq!(left.product.variant(&sku("B")).is_some(), !goes_first, "{case}");
        assert_eq!(left.available(&sku("B")), if goes_first { 0 } else { 5 }, "{case}");
    }
}

async fn of_two_who_open_the_last_location_one_does(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let product = put_up(&*store, &main).await;
    let stocked = async || store.product(&main, &product).await.unwrap().unwrap();
    for nth in 2..MAX_LOCATIONS {
        let opened = warehouse(&main).adjust(&stocked().await, &sku("A"), &adjustment(&format!("l{nth}")), "");
        commit(&*store, opened.changes).await;
    }
    let seen = stocked().await;
    let open = |location: &str| {
        let last = adjustment(location);
        assert_eq!(last.allowed(&seen.levels(&sku("A"))), Ok(()));
        warehouse(&main).adjust(&seen, &sku("A"), &last, "").changes
    };
    commit(&*store, open("agra")).await;
    assert!(matches!(refusal(&*store, open("pune")).await, Refusal::VersionChanged(_)));
    assert_eq!(stocked().await.levels(&sku("A")).0.len(), MAX_LOCATIONS);
}
