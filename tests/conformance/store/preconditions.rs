//! Each precondition is refused by its name, and the first one that fails is the one named.

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::changes::{Applied, ClaimKind};
use bharatmart_core::inventory::{Location, Piece, release, reserve, sell, take_back};
use bharatmart_core::ports::{Answer, Answered, Fence, IdempotencyKey, KeyClaim, LeaseName, Store};
use bharatmart_core::{Changes, Expect, Refusal, Tenant, Write};
use bharatmart_tests::data::{MINUTE, a_category, a_product, an_event, at, sku};
use bharatmart_tests::on_every;
use bharatmart_tests::stores::StoreWorld;

use super::{commit, refusal};

on_every!(bharatmart_tests::stores: memory, sqlite, postgres, pooled, dynamodb => [
    a_new_row_is_refused_when_it_exists,
    a_version_is_refused_when_it_has_changed_or_the_row_is_missing,
    a_category_is_held_only_under_its_version,
    stock_never_falls_below_zero,
    what_is_sold_is_counted_where_it_lay,
    stock_is_taken_away_when_there_is_none,
    a_name_is_refused_when_it_is_taken_even_by_the_same_owner,
    a_name_is_given_back_by_its_owner_alone,
    a_name_moves_in_one_commit,
    a_counter_is_refused_past_its_limit,
    an_event_is_applied_once,
    an_answer_needs_the_keys_fence,
    a_lease_must_be_held_under_the_fence,
    the_first_failing_precondition_is_named,
    a_refused_product_hides_no_earlier_refusal,
]);

fn main() -> Tenant {
    Tenant::main()
}

fn write(write: Write) -> Changes {
    Changes::new(&main()).write(write)
}

async fn a_new_row_is_refused_when_it_exists(StoreWorld { store, .. }: StoreWorld) {
    let (category, with_category) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("A", 5)]);
    let product = created.product.clone();
    commit(&*store, with_category).await;
    commit(&*store, created.changes).await;
    let mut renamed = category.clone();
    renamed.name = "Another".to_owned();
    let again = [
        Write::Category { category: renamed, expect: Expect::New },
        Write::Product { product: Box::new(product.clone()), expect: Expect::New },
        Write::NewStock { product: product.id, sku: sku("A"), location: Location::main(), available: 99 },
    ];
    for again in again {
        let key = again.key();
        assert_eq!(refusal(&*store, write(again)).await, Refusal::Exists(key));
    }
    assert_eq!(store.categories(&main()).await.unwrap(), [category]);
    assert_eq!(store.stock(&main(), product.id, &sku("A")).await.unwrap().unwrap().available(), 5);
}

async fn a_version_is_refused_when_it_has_changed_or_the_row_is_missing(StoreWorld { store, .. }: StoreWorld) {
    let (mut category, with_category) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("A", 5)]);
    let mut product = created.product.clone();
    category.version = 2;
    product.version = 2;
    let next = |version| {
        [
            Write::Category { category: category.clone(), expect: Expect::Version(version) },
            Write::Product { product: Box::new(product.clone()), expect: Expect::Version(version) },
        ]
    };
    for missing in next(1) {
        let key = missing.key();
        assert_eq!(refusal(&*store, write(missing)).await, Refusal::VersionChanged(key));
    }
    commit(&*store, with_category).await;
    commit(&*store, created.changes).await;
    for present in next(1) {
        commit(&*store, write(present)).await;
    }
    for changed in next(1).into_iter().chain(next(3)) {
        let key = changed.key();
        assert_eq!(refusal(&*store, write(changed)).await, Refusal::VersionChanged(key));
    }
    assert_eq!(store.categories(&main()).await.unwrap(), [category]);
    assert_eq!(store.product(&main(), &ProductRef::Id(product.id)).await.unwrap().unwrap().product, product);
}

async fn a_category_is_held_only_under_its_version(StoreWorld { store, .. }: StoreWorld) {
    let (mut category, with_category) = a_category(&main(), "groceries");
    let held = category.clone();
    let hold = |name: &str| write(held.hold()).write(claim(name, "first"));
    let changed = Refusal::VersionChanged(held.hold().key());
    assert_eq!(refusal(&*store, hold("atta")).await, changed, "there is none");
    commit(&*store, with_category).await;
    commit(&*store, hold("atta")).await;
    commit(&*store, hold("besan")).await;
    assert_eq!(store.categories(&main()).await.unwrap(), std::slice::from_ref(&held), "to hold it changes nothing");
    (category.version, category.deleted) = (2, true);
    commit(&*store, write(Write::Category { category: category.clone(), expect: Expect::Version(1) })).await;
    assert_eq!(refusal(&*store, hold("maida")).await, changed);
    commit(&*store, write(claim("maida", "second"))).await;
    assert_eq!(store.categories(&main()).await.unwrap(), [category]);
}

async fn stock_never_falls_below_zero(StoreWorld { store, .. }: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("A", 5)]);
    let product = created.product.id;
    commit(&*store, created.changes).await;
    let at = |text, place, available, reserved| {
        let location = Location::parse(place).unwrap();
        write(Write::MoveStock { product, sku: sku(text), location, available, reserved, sold: 0 })
    };
    let by = |text, available, reserved| at(text, "main", available, reserved);

    assert_eq!(refusal(&*store, by("A", -6, 6)).await, Refusal::InsufficientStock(sku("A")));
    assert_eq!(refusal(&*store, by("A", 1, -1)).await, Refusal::InsufficientStock(sku("A")));
    assert_eq!(refusal(&*store, by("NEVER-SEEN", 1, 0)).await, Refusal::InsufficientStock(sku("NEVER-SEEN")));
    commit(&*store, by("A", -5, 5)).await;
    commit(&*store, by("A", 0, -3)).await;
    commit(&*store, by("A", 2, -2)).await;
    let stock = store.stock(&main(), product, &sku("A")).await.unwrap().unwrap();
    assert_eq!((stock.available(), stock.reserved()), (2, 0));
    // What lies elsewhere does not help.
    let elsewhere = Location::parse("pune-2").unwrap();
    assert_eq!(refusal(&*store, at("A", "pune-2", 1, 0)).await, Refusal::InsufficientStock(sku("A")));
    let arrived = Write::NewStock { product, sku: sku("A"), location: elsewhere.clone(), available: 9 };
    commit(&*store, write(arrived)).await;
    assert_eq!(refusal(&*store, by("A", -3, 3)).await, Refusal::InsufficientStock(sku("A")));
    commit(&*store, at("A", "pune-2", -9, 9)).await;
    let stock = store.stock(&main(), product, &sku("A")).await.unwrap().unwrap();
    assert_eq!((stock.at(&Location::main()).available, stock.at(&elsewhere).reserved, stock.on_hand()), (2, 9, 11));
}

async fn what_is_sold_is_counted_where_it_lay(StoreWorld { store, .. }: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("A", 9)]);
    let product = created.product.id;
    commit(&*store, created.changes).await;
    let pune = Location::parse("pune").unwrap();
    commit(&*store, write(Write::NewStock { product, sku: sku("A"), location: pune.clone(), available: 4 })).await;
    let of = |location: &Location, quantity| {
        [Piece { product_id: product, sku: sku("A"), location: location.clone(), quantity }]
    };
    let sold = async || {
        let stocked = store.product(&main(), &ProductRef::Id(product)).await.unwrap().unwrap();
        let levels = store.stock(&main(), product, &sku("A")).await.unwrap().unwrap();
        assert_eq!(stocked.levels(&sku("A")), levels, "each way of reading tells the same");
        (levels.at(&Location::main()).sold, levels.at(&pune).sold, stocked.sold())
    };
    let writes = |writes| Changes { writes, ..Changes::new(&main()) };
    commit(&*store, writes([reserve(&of(&Location::main(), 5)), reserve(&of(&pune, 4))].concat())).await;
    assert_eq!(sold().await, (0, 0, 0), "what is held is not sold");
    assert_eq!(refusal(&*store, writes(sell(&of(&Location::main(), 6)))).await, Refusal::InsufficientStock(sku("A")));
    commit(&*store, writes([sell(&of(&Location::main(), 5)), sell(&of(&pune, 3))].concat())).await;
    assert_eq!(sold().await, (5, 3, 8));
    commit(&*store, writes(release(&of(&pune, 1)))).await;
    commit(&*store, writes(take_back(&of(&Location::main(), 2)))).await;
    assert_eq!(sold().await, (3, 3, 6));
    // What was sold before anybody counted may come back too.
    commit(&*store, writes(take_back(&of(&pune, 7)))).await;
    assert_eq!(sold().await, (3, -4, 0));
}

async fn stock_is_taken_away_when_there_is_none(StoreWorld { store, .. }: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("A", 2)]);
    let product = created.product.id;
    commit(&*store, created.changes).await;
    let (sku, location) = (sku("A"), Location::main());
    let gone = || Write::DropStock { product, sku: sku.clone(), location: location.clone() };
    let by = |available, reserved| {
        let (sku, location) = (sku.clone(), location.clone());
        write(Write::MoveStock { product, sku, location, available, reserved, sold: 0 })
    };
    assert_eq!(refusal(&*store, write(gone())).await, Refusal::VersionChanged(gone().key()), "some is available");
    commit(&*store, by(-2, 2)).await;
    assert_eq!(refusal(&*store, write(gone())).await, Refusal::VersionChanged(gone().key()), "some is reserved");
    commit(&*store, by(0, -2)).await;
    commit(&*store, write(gone())).await;
    assert_eq!(store.stock(&main(), product, &sku).await.unwrap(), None);
    assert_eq!(
        refusal(&*store, by(1, 0)).await,
        Refusal::InsufficientStock(sku.clone()),
        "nothing moves where none is"
    );
    assert_eq!(refusal(&*store, write(gone())).await, Refusal::VersionChanged(gone().key()));
}

fn claim(name: &str, owner: &str) -> Write {
    Write::Claim { kind: ClaimKind::ProductSlug, name: name.to_owned(), owner: owner.to_owned() }
}

fn unclaim(name: &str, owner: &str) -> Write {
    Write::Unclaim { kind: ClaimKind::ProductSlug, name: name.to_owned(), owner: owner.to_owned() }
}

fn taken(name: &str) -> Refusal {
    Refusal::NameTaken { kind: ClaimKind::ProductSlug, name: name.to_owned() }
}

async fn a_name_is_refused_when_it_is_taken_even_by_the_same_owner(StoreWorld { store, .. }: StoreWorld) {
    commit(&*store, write(claim("atta", "first"))).await;
    assert_eq!(refusal(&*store, write(claim("atta", "second"))).await, taken("atta"));
    assert_eq!(refusal(&*store, write(claim("atta", "first"))).await, taken("atta"));
    let another_kind = Write::Claim { kind: ClaimKind::Sku, name: "atta".to_owned(), owner: "second".to_owned() };
    commit(&*store, write(another_kind)).await;
}

async fn a_name_is_given_back_by_its_owner_alone(StoreWorld { store, .. }: StoreWorld) {
    let not_owner = Refusal::NotOwner { kind: ClaimKind::ProductSlug, name: "atta".to_owned() };
    assert_eq!(refusal(&*store, write(unclaim("atta", "first"))).await, not_owner);
    commit(&*store, write(claim("atta", "first"))).await;
    assert_eq!(refusal(&*store, write(unclaim("atta", "second"))).await, not_owner);
    commit(&*store, write(unclaim("atta", "first"))).await;
    commit(&*store, write(claim("atta", "second"))).await;
}

async fn a_name_moves_in_one_commit(StoreWorld { store, .. }: StoreWorld) {
    commit(&*store, write(claim("atta", "first"))).await;
    commit(&*store, write(claim("besan", "second"))).await;
    let to_taken = write(unclaim("atta", "first")).write(claim("besan", "first"));
    assert_eq!(refusal(&*store, to_taken).await, taken("besan"));
    assert_eq!(refusal(&*store, write(claim("atta", "third"))).await, taken("atta"));
    commit(&*store, write(unclaim("atta", "first")).write(claim("maida", "first"))).await;
    commit(&*store, write(claim("atta", "third"))).await;
}

async fn a_counter_is_refused_past_its_limit(StoreWorld { store, .. }: StoreWorld) {
    let count = |by, at_most| write(Write::Count { counter: "codes/98".to_owned(), by, at_most });
    let reached = Refusal::LimitReached("codes/98".to_owned());
    assert_eq!(refusal(&*store, count(6, 5)).await, reached);
    commit(&*store, count(3, 5)).await;
    assert_eq!(refusal(&*store, count(3, 5)).await, reached);
    commit(&*store, count(2, 5)).await;
    assert_eq!(refusal(&*store, count(1, 5)).await, reached);
    commit(&*store, count(1, 6)).await;
}

async fn an_event_is_applied_once(StoreWorld { store, .. }: StoreWorld) {
    let event = an_event(&main(), at(0)).id;
    let marked = |consumer| {
        let mut changes = Changes::new(&main());
        changes.applied.push(Applied { consumer, event, expires_at: at(60) });
        changes
    };
    commit(&*store, marked("search")).await;
    assert_eq!(refusal(&*store, marked("search")).await, Refusal::AlreadyApplied(event));
    commit(&*store, marked("mail")).await;
}

fn answered(key: &str, fence: Fence) -> Changes {
    let answer = Answer { status: 200, headers: Vec::new(), body: "done".to_owned() };
    let key = IdempotencyKey(key.to_owned());
    Changes { answer: Some(Answered { key, fence, answer, expires_at: at(3_600) }), ..Changes::new(&main()) }
}

async fn claimed(store: &dyn Store, key: &str) -> Fence {
    match store.claim_key(&main(), &IdempotencyKey(key.to_owned()), "hash", MINUTE, at(0)).await.unwrap() {
        KeyClaim::Mine(fence) => fence,
        other => panic!("the key is free: {other:?}"),
    }
}

async fn an_answer_needs_the_keys_fence(StoreWorld { store, .. }: StoreWorld) {
    let lost = Refusal::FenceLost("k".to_owned());
    assert_eq!(refusal(&*store, answered("k", Fence(1))).await, lost);
    let fence = claimed(&*store, "k").await;
    assert_eq!(refusal(&*store, answered("k", Fence(fence.0 + 1))).await, lost);
    store.free_key(&main(), &IdempotencyKey("k".to_owned()), fence).await.unwrap();
    assert_eq!(refusal(&*store, answered("k", fence)).await, lost);
    let fence = claimed(&*store, "k").await;
    commit(&*store, answered("k", fence)).await;
    assert_eq!(refusal(&*store, answered("k", fence)).await, lost);
}

const WRITER: LeaseName = LeaseName("index-writer");

fn under(fence: Fence) -> Changes {
    Changes { lease: Some((WRITER, fence)), ..Changes::new(&main()) }
}

async fn a_lease_must_be_held_under_the_fence(StoreWorld { store, .. }: StoreWorld) {
    let lost = Refusal::FenceLost("index-writer".to_owned());
    assert_eq!(refusal(&*store, under(Fence(1))).await, lost);
    let first = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free").fence;
    commit(&*store, under(first)).await;
    commit(&*store, under(first)).await;
    let second = store.take_lease(WRITER, "b", MINUTE, at(61)).await.unwrap().expect("run out").fence;
    assert_eq!(refusal(&*store, under(first)).await, lost);
    commit(&*store, under(second)).await;
    store.release_lease(WRITER, second).await.unwrap();
    assert_eq!(refusal(&*store, under(second)).await, lost);
}

async fn the_first_failing_precondition_is_named(StoreWorld { store, .. }: StoreWorld) {
    let seen = [an_event(&main(), at(0)).id, an_event(&main(), at(1)).id];
    let marks = seen.map(|event| Applied { consumer: "search", event, expires_at: at(60) });
    commit(&*store, Changes { applied: marks.to_vec(), ..Changes::new(&main()) }).await;
    commit(&*store, write(claim("atta", "first"))).await;
    let stale = claimed(&*store, "k").await;
    let limit = Write::Count { counter: "limit".to_owned(), by: 2, at_most: 1 };

    let mut changes = answered("k", Fence(stale.0 + 7));
    changes.applied = marks.to_vec();
    changes.lease = Some((WRITER, Fence(9)));
    changes.writes = vec![claim("free", "second"), claim("atta", "second"), limit];
    changes.events = vec![an_event(&main(), at(2))];

    assert_eq!(refusal(&*store, changes.clone()).await, Refusal::AlreadyApplied(seen[0]));
    changes.applied.remove(0);
    assert_eq!(refusal(&*store, changes.clone()).await, Refusal::AlreadyApplied(seen[1]));
    changes.applied.clear();
    assert_eq!(refusal(&*store, changes.clone()).await, Refusal::FenceLost("k".to_owned()));
    changes.answer = None;
    assert_eq!(refusal(&*store, changes.clone()).await, Refusal::FenceLost("index-writer".to_owned()));
    changes.lease = None;
    assert_eq!(refusal(&*store, changes.clone()).await, taken("atta"));
    changes.writes.swap(1, 2);
    assert_eq!(refusal(&*store, changes.clone()).await, Refusal::LimitReached("limit".to_owned()));
    changes.writes.truncate(1);
    commit(&*store, changes).await;
}

/// The stock of a product that is not there may fail in an engine's own words; the refusal is still the first one.
async fn a_refused_product_hides_no_earlier_refusal(StoreWorld { store, .. }: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let mut missing = a_product(&main(), &category, "Atta", &[("A", 5)]).product;
    missing.version = 2;
    let created = a_product(&main(), &category, "Besan", &[("B", 1)]);
    let there = created.product.id;
    assert!(missing.id < there, "engines that order their writes by key take the missing one first");
    commit(&*store, created.changes).await;

    let too_much = Write::MoveStock {
        product: there,
        sku: sku("B"),
        location: Location::main(),
        available: -2,
        reserved: 2,
        sold: 0,
    };
    let stock = Write::NewStock { product: missing.id, sku: sku("A"), location: Location::main(), available: 5 };
    let key = format!("product/{}", missing.id);
    let product = Write::Product { product: Box::new(missing), expect: Expect::Version(1) };
    let only_missing = write(product.clone()).write(stock.clone());
    assert_eq!(refusal(&*store, only_missing).await, Refusal::VersionChanged(key));
    let first = write(too_much).write(product).write(stock);
    assert_eq!(refusal(&*store, first).await, Refusal::InsufficientStock(sku("B")));
}
