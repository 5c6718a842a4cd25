//! No tenant reads or moves what is another's, though every id, name and key be the same.

use bharatmart_core::catalog::{Category, Created, ProductRef};
use bharatmart_core::changes::Applied;
use bharatmart_core::inventory::{Location, Piece, reserve};
use bharatmart_core::ports::{Answer, Answered, IdempotencyKey, KeyClaim, Store};
use bharatmart_core::{Changes, Refusal, Tenant, Write};
use bharatmart_tests::data::{MINUTE, a_category, a_product, an_event, at, sku, tenant};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;

use super::{commit, refusal};

on_every_store![
    a_tenant_reads_nothing_of_another,
    the_same_ids_and_names_live_in_two_tenants,
    stock_moves_in_its_own_tenant,
    a_key_of_one_tenant_is_free_in_another,
];

/// One is the beginning of the other's name.
fn tenants() -> [Tenant; 2] {
    [tenant("shop"), tenant("shop-2")]
}

fn groceries() -> (Category, Created, Changes) {
    let (category, mut changes) = a_category(&tenants()[0], "groceries");
    let created = a_product(&tenants()[0], &category, "Atta", &[("A", 5)]);
    changes.writes.extend(created.changes.writes.iter().cloned());
    changes.writes.push(Write::Count { counter: "c".to_owned(), by: 1, at_most: 1 });
    (category, created, changes)
}

fn in_tenant(tenant: &Tenant, changes: &Changes) -> Changes {
    Changes { tenant: tenant.clone(), ..changes.clone() }
}

async fn is_empty(store: &dyn Store, tenant: &Tenant, category: &Category, created: &Created) {
    let id = created.product.id;
    assert_eq!(store.product(tenant, &ProductRef::Id(id)).await.unwrap(), None);
    assert_eq!(store.product(tenant, &ProductRef::Slug(created.product.slug.clone())).await.unwrap(), None);
    assert_eq!(store.products(tenant, &[id]).await.unwrap(), []);
    assert_eq!(store.newest_products(tenant, None, None, 10).await.unwrap(), []);
    assert_eq!(store.newest_products(tenant, Some(&[category.id]), None, 10).await.unwrap(), []);
    assert_eq!(store.categories(tenant).await.unwrap(), []);
    assert_eq!(store.stock(tenant, id, &sku("A")).await.unwrap(), None);
}

async fn a_tenant_reads_nothing_of_another(StoreWorld { store, .. }: StoreWorld) {
    for (owner, other) in [(0, 1), (1, 0)] {
        let (category, created, changes) = groceries();
        let [owner, other] = [owner, other].map(|i| tenants()[i].clone());
        is_empty(&*store, &owner, &category, &created).await;
        let renamed = |write: &Write| matches!(write, Write::Claim { .. } | Write::Count { .. });
        // The names are taken once a tenant, by the first turn of this loop.
        let writes = changes.writes.iter().filter(|write| !renamed(write)).cloned().collect();
        let mark = an_event(&owner, at(0)).id;
        let applied = vec![Applied { consumer: "search", event: mark, expires_at: at(60) }];
        commit(&*store, Changes { writes, applied, ..Changes::new(&owner) }).await;

        let seen = store.newest_products(&other, None, None, 10).await.unwrap();
        assert!(!seen.contains(&created.product.id));
        assert_eq!(store.newest_products(&other, Some(&[category.id]), None, 10).await.unwrap(), []);
        assert_eq!(store.product(&other, &ProductRef::Id(created.product.id)).await.unwrap(), None);
        assert_eq!(store.products(&other, &[created.product.id]).await.unwrap(), []);
        assert_eq!(store.stock(&other, created.product.id, &sku("A")).await.unwrap(), None);
        assert!(store.categories(&other).await.unwrap().iter().all(|seen| seen.id != category.id));
        assert_eq!(store.applied(&other, "search", &[mark]).await.unwrap(), []);
        assert_eq!(store.applied(&owner, "search", &[mark]).await.unwrap(), [mark]);
    }
}

async fn the_same_ids_and_names_live_in_two_tenants(StoreWorld { store, .. }: StoreWorld) {
    let (category, created, changes) = groceries();
    let [first, second] = tenants();
    commit(&*store, in_tenant(&first, &changes)).await;
    is_empty(&*store, &second, &category, &created).await;
    commit(&*store, in_tenant(&second, &changes)).await;
    for tenant in tenants() {
        assert_eq!(store.newest_products(&tenant, None, None, 10).await.unwrap().len(), 1);
        let by_slug = ProductRef::Slug(created.product.slug.clone());
        assert!(store.product(&tenant, &by_slug).await.unwrap().is_some());
    }
}

async fn stock_moves_in_its_own_tenant(StoreWorld { store, .. }: StoreWorld) {
    let (_, created, changes) = groceries();
    let [first, second] = tenants();
    let product = created.product.id;
    let taking = |tenant: &Tenant| {
        let writes = reserve(&[Piece { product_id: product, sku: sku("A"), location: Location::main(), quantity: 5 }]);
        Changes { writes, ..Changes::new(tenant) }
    };
    commit(&*store, in_tenant(&first, &changes)).await;
    assert_eq!(refusal(&*store, taking(&second)).await, Refusal::InsufficientStock(sku("A")));
    commit(&*store, in_tenant(&second, &changes)).await;
    commit(&*store, taking(&second)).await;
    let left = store.stock(&first, product, &sku("A")).await.unwrap().expect("it is stocked");
    assert_eq!((left.available(), left.reserved()), (5, 0));
}

async fn a_key_of_one_tenant_is_free_in_another(StoreWorld { store, .. }: StoreWorld) {
    let [first, second] = tenants();
    let key = IdempotencyKey("guest/orders/1".to_owned());
    let claim = async |tenant: &Tenant| store.claim_key(tenant, &key, "hash", MINUTE, at(0)).await.unwrap();
    let KeyClaim::Mine(fence) = claim(&first).await else { panic!("it is free") };
    let finish = |tenant: &Tenant| {
        let answer = Answer { status: 200, headers: Vec::new(), body: String::new() };
        let answered = Answered { key: key.clone(), fence, answer, expires_at: at(60) };
        Changes { answer: Some(answered), ..Changes::new(tenant) }
    };
    assert_eq!(refusal(&*store, finish(&second)).await, Refusal::FenceLost(key.0.clone()));
    assert!(matches!(claim(&second).await, KeyClaim::Mine(_)));
    store.free_key(&second, &key, fence).await.unwrap();
    commit(&*store, finish(&first)).await;
}
