//! A commit is applied whole or not at all.

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::changes::{Applied, ClaimKind, MAX_ITEMS};
use bharatmart_core::inventory::{Levels, Location, Stock};
use bharatmart_core::ports::{Answer, Answered, IdempotencyKey, KeyClaim};
use bharatmart_core::{Changes, Expect, Refusal, Tenant, Write};
use bharatmart_tests::data::{MINUTE, a_category, a_product, an_event, at, sku};
use bharatmart_tests::on_every;
use bharatmart_tests::stores::StoreWorld;

use super::{commit, is_broken, refusal};

on_every!(bharatmart_tests::stores: memory, sqlite, postgres, pooled, dynamodb => [
    a_commit_writes_everything_or_nothing,
    a_change_to_many_rows_is_applied_whole_or_not_at_all,
    a_hundred_items_fit_in_a_commit,
    a_commit_no_engine_could_take_is_refused_by_all,
    an_empty_commit_is_taken,
]);

fn count(counter: &str, at_most: u32) -> Write {
    Write::Count { counter: counter.to_owned(), by: 1, at_most }
}

async fn a_commit_writes_everything_or_nothing(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let (category, with_category) = a_category(&main, "groceries");
    let created = a_product(&main, &category, "Atta", &[("ATTA-5KG", 7)]);
    let product = created.product.clone();
    let mark = an_event(&main, at(0));
    let key = IdempotencyKey("user/orders/1".to_owned());
    let KeyClaim::Mine(fence) = store.claim_key(&main, &key, "hash", MINUTE, at(0)).await.unwrap() else {
        panic!("the key is new");
    };
    let answer = Answer { status: 201, headers: vec![("ETag".to_owned(), "\"1\"".to_owned())], body: "{}".to_owned() };

    let mut whole = created.changes;
    whole.writes.extend(with_category.writes);
    whole.writes.push(count("day", 5));
    whole.applied.push(Applied { consumer: "tests", event: mark.id, expires_at: at(60) });
    whole.answer = Some(Answered { key: key.clone(), fence, answer: answer.clone(), expires_at: at(60) });
    let mut spoilt = whole.clone();
    spoilt.writes.push(count("limit", 0));

    let refused = refusal(&*store, spoilt).await;

    assert_eq!(refused, Refusal::LimitReached("limit".to_owned()));
    assert_eq!(store.product(&main, &ProductRef::Id(product.id)).await.unwrap(), None);
    assert_eq!(store.product(&main, &ProductRef::Slug(product.slug.clone())).await.unwrap(), None);
    assert_eq!(store.stock(&main, product.id, &sku("ATTA-5KG")).await.unwrap(), None);
    assert_eq!(store.categories(&main).await.unwrap(), []);
    assert_eq!(store.tenants().await.unwrap(), []);
    assert_eq!(store.newest_events(10).await.unwrap(), []);
    assert_eq!(store.applied(&main, "tests", &[mark.id]).await.unwrap(), []);
    let claim = store.claim_key(&main, &key, "hash", MINUTE, at(1)).await.unwrap();
    assert_eq!(claim, KeyClaim::Running { until: at(60) });

    // Every row of it was expected to be new, so this shows as well that no name, figure or answer was left behind.
    commit(&*store, whole).await;

    let stocked = store.product(&main, &ProductRef::Slug(product.slug.clone())).await.unwrap().expect("committed");
    assert_eq!(stocked.product, product);
    assert_eq!(stocked.stock[&sku("ATTA-5KG")], Levels::first(Location::main(), 7));
    assert_eq!(store.categories(&main).await.unwrap(), [category]);
    assert_eq!(store.newest_events(10).await.unwrap().len(), 2, "of the product and of its first stock");
    assert_eq!(store.applied(&main, "tests", &[mark.id]).await.unwrap(), [mark.id]);
    let claim = store.claim_key(&main, &key, "hash", MINUTE, at(2)).await.unwrap();
    assert_eq!(claim, KeyClaim::Answered(answer));
}

async fn a_change_to_many_rows_is_applied_whole_or_not_at_all(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let (category, with_category) = a_category(&main, "groceries");
    let created = a_product(&main, &category, "Atta", &[("A", 5), ("B", 1)]);
    let product = created.product.clone();
    commit(&*store, with_category).await;
    commit(&*store, created.changes).await;

    let mut renamed = product.clone();
    renamed.name = "Chakki Atta".to_owned();
    renamed.version = 2;
    renamed.variants.truncate(1);
    let take = |text, available, reserved| {
        let (product, location) = (product.id, Location::main());
        Write::MoveStock { product, sku: sku(text), location, available, reserved, sold: 0 }
    };
    let name = |name: &str| (ClaimKind::Sku, name.to_owned(), product.id.to_string());
    let (kind, old, owner) = name("B");
    let changes = Changes::new(&main)
        .write(Write::Product { product: Box::new(renamed.clone()), expect: Expect::Version(1) })
        .write(Write::Unclaim { kind, name: old, owner: owner.clone() })
        .write(Write::Claim { kind, name: "C".to_owned(), owner })
        .write(take("A", -2, 2));
    let present = store.product(&main, &ProductRef::Id(product.id)).await.unwrap();

    let refused = refusal(&*store, changes.clone().write(take("B", -2, 2))).await;
    assert_eq!(refused, Refusal::InsufficientStock(sku("B")));
    assert_eq!(store.product(&main, &ProductRef::Id(product.id)).await.unwrap(), present);

    commit(&*store, changes).await;
    let stocked = store.product(&main, &ProductRef::Id(product.id)).await.unwrap().expect("it is there");
    assert_eq!(stocked.product, renamed);
    assert_eq!(stocked.stock[&sku("A")].at(&Location::main()), Stock { available: 3, reserved: 2, sold: 0 });
    assert_eq!(stocked.stock[&sku("B")].at(&Location::main()), Stock { available: 1, reserved: 0, sold: 0 });
}

async fn a_hundred_items_fit_in_a_commit(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let mut changes = Changes::new(&main);
    for i in 0..MAX_ITEMS / 2 {
        changes = changes.write(count(&format!("c{i}"), 1)).event(an_event(&main, at(i as i64)));
    }
    commit(&*store, changes.clone()).await;
    assert_eq!(store.newest_events(MAX_ITEMS).await.unwrap().len(), MAX_ITEMS / 2);

    changes.events.clear();
    assert_eq!(refusal(&*store, changes).await, Refusal::LimitReached("c0".to_owned()));
}

async fn a_commit_no_engine_could_take_is_refused_by_all(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let many = (0..=MAX_ITEMS).fold(Changes::new(&main), |changes, i| changes.write(count(&i.to_string(), 5)));
    let twice = Changes::new(&main).write(count("0", 5)).write(count("0", 5));
    let foreign = Changes::new(&main).event(an_event(&Tenant::parse("other").unwrap(), at(0)));
    for malformed in [many, twice, foreign] {
        let result = store.commit(malformed).await;
        assert!(is_broken(&result), "{result:?}");
    }
    assert_eq!(store.newest_events(1).await.unwrap(), []);
    commit(&*store, Changes::new(&main).write(count("0", 1))).await;
}

async fn an_empty_commit_is_taken(StoreWorld { store, .. }: StoreWorld) {
    commit(&*store, Changes::new(&Tenant::main())).await;
}
