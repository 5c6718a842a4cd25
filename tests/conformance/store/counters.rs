//! Counts within a window of time: none is lost, and none outlives its window. The tests tell the time themselves.

use std::time::Duration;

use bharatmart_core::ports::{Counted, Store};
use bharatmart_core::{Changes, Refusal, Tenant, Timestamp, Write};
use bharatmart_tests::data::{MINUTE, at, tenant};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;

use super::races::at_once;
use super::{commit, refusal};

on_every_store![
    a_window_begins_with_the_first_count_and_is_not_prolonged,
    fifty_at_once_are_all_counted,
    fifty_who_find_a_window_ended_count_together_in_the_next,
    a_count_of_nought_only_looks,
    a_counter_that_was_reset_stands_at_nought,
    a_count_may_be_large,
    counters_are_apart_by_name_and_tenant,
    a_count_within_a_window_and_a_commits_counter_are_two,
    what_commits_have_counted_is_seen_at_once,
    what_fifty_commits_count_at_once_is_all_there,
    what_a_commit_counted_can_be_taken_back_and_no_more,
];

const NAME: &str = "login/0a1b/2001:db8::1 #ü";

async fn count(store: &dyn Store, by: u32, now: Timestamp) -> Counted {
    store.count(&Tenant::main(), NAME, by, MINUTE, now).await.unwrap()
}

fn counted(value: u64, seconds: u64) -> Counted {
    Counted { value, resets_in: Duration::from_secs(seconds) }
}

async fn a_window_begins_with_the_first_count_and_is_not_prolonged(StoreWorld { store, .. }: StoreWorld) {
    assert_eq!(count(&*store, 1, at(0)).await, counted(1, 60));
    assert_eq!(count(&*store, 3, at(30)).await, counted(4, 30));
    assert_eq!(count(&*store, 1, at(59)).await, counted(5, 1));
    assert_eq!(count(&*store, 2, at(60)).await, counted(2, 60));
    assert_eq!(count(&*store, 1, at(119)).await, counted(3, 1));
    assert_eq!(count(&*store, 1, at(9_000)).await, counted(1, 60));
    // The window that runs has its own length, whoever asks with another.
    let asked = store.count(&Tenant::main(), NAME, 1, Duration::from_secs(5), at(9_010)).await.unwrap();
    assert_eq!(asked, counted(2, 50));
}

/// Counts at once, every other one on a second connection; answers the values, sorted.
async fn crowd(world: &StoreWorld, count: usize, now: Timestamp) -> Vec<u64> {
    let second = world.open_again().await;
    let mut values = at_once(count, |i| {
        let store = if i % 2 == 0 { world.store.clone() } else { second.clone() };
        async move { super::counters::count(&*store, 1, now).await.value }
    })
    .await;
    values.sort_unstable();
    values
}

async fn fifty_at_once_are_all_counted(world: StoreWorld) {
    assert_eq!(crowd(&world, 50, at(0)).await, (1..=50).collect::<Vec<_>>());
    assert_eq!(count(&*world.store, 0, at(1)).await, counted(50, 59));
}

async fn fifty_who_find_a_window_ended_count_together_in_the_next(world: StoreWorld) {
    count(&*world.store, 7, at(0)).await;
    assert_eq!(crowd(&world, 50, at(60)).await, (1..=50).collect::<Vec<_>>());
    assert_eq!(count(&*world.store, 0, at(61)).await, counted(50, 59));
}

async fn a_count_of_nought_only_looks(StoreWorld { store, .. }: StoreWorld) {
    assert_eq!(count(&*store, 0, at(0)).await, counted(0, 60));
    assert_eq!(count(&*store, 1, at(30)).await, counted(1, 60), "looking began no window");
    assert_eq!(count(&*store, 0, at(40)).await, counted(1, 50));
    assert_eq!(count(&*store, 0, at(89)).await, counted(1, 1));
    assert_eq!(count(&*store, 0, at(90)).await, counted(0, 60), "it has ended");
    assert_eq!(count(&*store, 1, at(100)).await, counted(1, 60));
}

async fn a_counter_that_was_reset_stands_at_nought(StoreWorld { store, .. }: StoreWorld) {
    let reset = async || store.reset(&Tenant::main(), NAME).await.unwrap();
    reset().await;
    count(&*store, 4, at(0)).await;
    reset().await;
    assert_eq!(count(&*store, 0, at(1)).await, counted(0, 60));
    assert_eq!(count(&*store, 1, at(10)).await, counted(1, 60));
    reset().await;
    reset().await;
    assert_eq!(count(&*store, 2, at(11)).await, counted(2, 60));
}

async fn a_count_may_be_large(StoreWorld { store, .. }: StoreWorld) {
    let most = u64::from(u32::MAX);
    assert_eq!(count(&*store, u32::MAX, at(0)).await, counted(most, 60));
    assert_eq!(count(&*store, u32::MAX, at(0)).await, counted(2 * most, 60));
}

async fn counters_are_apart_by_name_and_tenant(StoreWorld { store, .. }: StoreWorld) {
    let (main, other) = (Tenant::main(), tenant("main-2"));
    let apart = [(&main, "a"), (&main, "a/b"), (&main, "A"), (&other, "a"), (&other, "a/b")];
    for (by, (tenant, name)) in (1..).zip(apart) {
        assert_eq!(store.count(tenant, name, by, MINUTE, at(0)).await.unwrap().value, u64::from(by));
    }
    store.reset(&main, "a").await.unwrap();
    for (value, (tenant, name)) in [0, 2, 3, 4, 5].into_iter().zip(apart) {
        assert_eq!(store.count(tenant, name, 0, MINUTE, at(0)).await.unwrap().value, value);
    }
}

async fn a_count_within_a_window_and_a_commits_counter_are_two(StoreWorld { store, .. }: StoreWorld) {
    let committed = || {
        let count = Write::Count { counter: NAME.to_owned(), by: 1, at_most: 2 };
        Changes::new(&Tenant::main()).write(count)
    };
    commit(&*store, committed()).await;
    assert_eq!(count(&*store, 5, at(0)).await, counted(5, 60));
    store.reset(&Tenant::main(), NAME).await.unwrap();
    commit(&*store, committed()).await;
    assert!(store.commit(committed()).await.is_err(), "the window's end did not touch it");
}

fn counting(tenant: &Tenant, counter: &str, by: i32) -> Changes {
    Changes::new(tenant).write(Write::Count { counter: counter.to_owned(), by, at_most: 100 })
}

async fn what_commits_have_counted_is_seen_at_once(StoreWorld { store, .. }: StoreWorld) {
    let (main, other) = (Tenant::main(), tenant("main-2"));
    let counted = async |tenant: &Tenant, name: &str| store.counted(tenant, name).await.unwrap();
    assert_eq!(counted(&main, NAME).await, 0);
    assert_eq!((counted(&main, "").await, counted(&main, &"x".repeat(5_000)).await), (0, 0), "no such names");
    for (commits, by) in [(1, 7), (2, 1), (3, 90)] {
        commit(&*store, counting(&main, NAME, by)).await;
        let sum = [7, 8, 98][commits - 1];
        assert_eq!(counted(&main, NAME).await, sum);
    }
    assert!(store.commit(counting(&main, NAME, 3)).await.is_err());
    assert_eq!(counted(&main, NAME).await, 98, "a refused commit counts nothing");
    commit(&*store, counting(&other, NAME, 1)).await;
    commit(&*store, counting(&main, "coupon/TEN/usr_1", 2)).await;
    assert_eq!((counted(&other, NAME).await, counted(&main, "coupon/TEN/usr_1").await), (1, 2));
    assert_eq!((counted(&main, NAME).await, counted(&main, "coupon/TEN").await), (98, 0), "each stands by itself");
    count(&*store, 5, at(0)).await;
    assert_eq!(counted(&main, NAME).await, 98, "a window's count is another");
}

async fn what_fifty_commits_count_at_once_is_all_there(world: StoreWorld) {
    let second = world.open_again().await;
    let committed = at_once(50, |i| {
        let store = if i % 2 == 0 { world.store.clone() } else { second.clone() };
        async move { store.commit(counting(&Tenant::main(), NAME, 1)).await.is_ok() }
    })
    .await;
    let sum = committed.iter().filter(|done| **done).count() as u64;
    assert_eq!(world.store.counted(&Tenant::main(), NAME).await.unwrap(), sum);
    assert_eq!(second.counted(&Tenant::main(), NAME).await.unwrap(), sum);
}

async fn what_a_commit_counted_can_be_taken_back_and_no_more(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let limit = Refusal::LimitReached(NAME.to_owned());
    assert_eq!(refusal(&*store, counting(&main, NAME, -1)).await, limit, "nothing was counted");
    commit(&*store, counting(&main, NAME, 3)).await;
    commit(&*store, counting(&main, NAME, -2)).await;
    assert_eq!(refusal(&*store, counting(&main, NAME, -2)).await, limit);
    assert_eq!(store.counted(&main, NAME).await.unwrap(), 1);
    commit(&*store, counting(&main, NAME, -1)).await;
    assert_eq!(store.counted(&main, NAME).await.unwrap(), 0);
    commit(&*store, counting(&main, NAME, 100)).await;
    assert_eq!(refusal(&*store, counting(&main, NAME, 1)).await, limit);
}
