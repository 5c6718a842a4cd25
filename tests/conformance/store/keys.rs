//! An idempotency key has one owner at a time, and keeps the answer of the one who finished.

use std::sync::Arc;

use bharatmart_core::ports::{Answer, Answered, Fence, IdempotencyKey, KeyClaim, Store};
use bharatmart_core::{Changes, Refusal, Tenant, Timestamp};
use bharatmart_tests::data::{MINUTE, an_event, at};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;
use futures_util::future::join_all;

use super::{commit, refusal};

on_every_store![
    a_key_claimed_twenty_times_at_once_is_claimed_once,
    a_stalled_owner_cannot_finish_over_a_second_one,
    an_answered_key_replays_its_answer_until_it_expires,
    a_key_serves_one_request,
    a_freed_key_is_claimed_anew_under_a_greater_fence,
    a_key_is_freed_by_its_owner_alone,
    a_lease_that_has_run_out_may_still_finish_when_nobody_came,
];

fn key() -> IdempotencyKey {
    IdempotencyKey("usr_1/POST orders/a key, with / and ü".to_owned())
}

async fn claim(store: &Arc<dyn Store>, request: &str, now: Timestamp) -> KeyClaim {
    store.claim_key(&Tenant::main(), &key(), request, MINUTE, now).await.unwrap()
}

async fn mine(store: &Arc<dyn Store>, now: Timestamp) -> Fence {
    match claim(store, "hash", now).await {
        KeyClaim::Mine(fence) => fence,
        other => panic!("the key is free: {other:?}"),
    }
}

fn answer() -> Answer {
    let headers = vec![("Location".to_owned(), "/orders/1".to_owned()), ("ETag".to_owned(), "\"1\"".to_owned())];
    Answer { status: 201, headers, body: r#"{"id":"ord_1","note":"ठीक है"}"#.to_owned() }
}

fn finish(fence: Fence) -> Changes {
    let answered = Answered { key: key(), fence, answer: answer(), expires_at: at(3_600) };
    Changes { answer: Some(answered), ..Changes::new(&Tenant::main()) }
}

async fn a_key_claimed_twenty_times_at_once_is_claimed_once(world: StoreWorld) {
    let second = world.open_again().await;
    let claims = (0..20).map(|i| {
        let store = if i % 2 == 0 { world.store.clone() } else { second.clone() };
        tokio::spawn(async move { claim(&store, "hash", at(0)).await })
    });
    let claims: Vec<_> = join_all(claims).await.into_iter().map(|claim| claim.expect("no panic")).collect();
    let (mine, others): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| matches!(claim, KeyClaim::Mine(_)));
    assert_eq!(mine.len(), 1);
    assert!(others.iter().all(|claim| *claim == KeyClaim::Running { until: at(60) }), "{others:?}");
}

async fn a_stalled_owner_cannot_finish_over_a_second_one(StoreWorld { store, .. }: StoreWorld) {
    let first = mine(&store, at(0)).await;
    let second = mine(&store, at(61)).await;
    assert!(second > first);
    let late = finish(first).event(an_event(&Tenant::main(), at(62)));
    assert_eq!(refusal(&*store, late).await, Refusal::FenceLost(key().0));
    assert_eq!(store.newest_events(1).await.unwrap(), []);
    assert_eq!(claim(&store, "hash", at(62)).await, KeyClaim::Running { until: at(121) });
    commit(&*store, finish(second)).await;
    assert_eq!(claim(&store, "hash", at(63)).await, KeyClaim::Answered(answer()));
}

async fn an_answered_key_replays_its_answer_until_it_expires(StoreWorld { store, .. }: StoreWorld) {
    let first = mine(&store, at(0)).await;
    commit(&*store, finish(first)).await;
    assert_eq!(claim(&store, "hash", at(1)).await, KeyClaim::Answered(answer()));
    assert_eq!(claim(&store, "hash", at(3_599)).await, KeyClaim::Answered(answer()));
    assert!(mine(&store, at(3_601)).await > first);
}

async fn a_key_serves_one_request(StoreWorld { store, .. }: StoreWorld) {
    let fence = mine(&store, at(0)).await;
    assert_eq!(claim(&store, "another hash", at(1)).await, KeyClaim::AnotherRequest);
    commit(&*store, finish(fence)).await;
    assert_eq!(claim(&store, "another hash", at(2)).await, KeyClaim::AnotherRequest);
    assert!(matches!(claim(&store, "another hash", at(3_601)).await, KeyClaim::Mine(_)));
    assert_eq!(claim(&store, "hash", at(3_602)).await, KeyClaim::AnotherRequest);
    assert!(matches!(claim(&store, "hash", at(3_700)).await, KeyClaim::Mine(_)));
}

async fn a_freed_key_is_claimed_anew_under_a_greater_fence(StoreWorld { store, .. }: StoreWorld) {
    let mut last = Fence(0);
    for second in 0..4 {
        let fence = mine(&store, at(second)).await;
        assert!(fence > last);
        store.free_key(&Tenant::main(), &key(), fence).await.unwrap();
        last = fence;
    }
    assert!(matches!(claim(&store, "another hash", at(5)).await, KeyClaim::Mine(fence) if fence > last));
}

async fn a_key_is_freed_by_its_owner_alone(StoreWorld { store, .. }: StoreWorld) {
    let first = mine(&store, at(0)).await;
    store.free_key(&Tenant::main(), &key(), Fence(first.0 + 1)).await.unwrap();
    assert_eq!(claim(&store, "hash", at(1)).await, KeyClaim::Running { until: at(60) });
    let second = mine(&store, at(61)).await;
    store.free_key(&Tenant::main(), &key(), first).await.unwrap();
    assert_eq!(claim(&store, "hash", at(62)).await, KeyClaim::Running { until: at(121) });
    commit(&*store, finish(second)).await;
    store.free_key(&Tenant::main(), &key(), second).await.unwrap();
    assert_eq!(claim(&store, "hash", at(63)).await, KeyClaim::Answered(answer()));
    let unknown = IdempotencyKey("never claimed".to_owned());
    store.free_key(&Tenant::main(), &unknown, Fence(1)).await.unwrap();
}

async fn a_lease_that_has_run_out_may_still_finish_when_nobody_came(StoreWorld { store, .. }: StoreWorld) {
    let fence = mine(&store, at(0)).await;
    commit(&*store, finish(fence)).await;
    assert_eq!(claim(&store, "hash", at(600)).await, KeyClaim::Answered(answer()));
}
