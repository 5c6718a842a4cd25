//! A lease has one owner at a time, and its fence tells each from those before.

use bharatmart_core::ports::{Fence, Lease, LeaseName};
use bharatmart_core::{Changes, Refusal, Tenant};
use bharatmart_tests::data::{MINUTE, an_event, at};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;
use futures_util::future::join_all;

use super::{commit, refusal};

on_every_store![
    a_lease_goes_to_one_of_many,
    a_lease_is_prolonged_by_its_owner_under_the_same_fence,
    a_lease_that_has_run_out_goes_to_another_under_a_greater_fence,
    a_fence_goes_on_growing_after_a_release,
    a_lease_is_released_by_its_owner_alone,
    leases_of_two_names_are_apart,
    what_is_committed_under_a_lost_lease_is_refused_whole,
];

const WRITER: LeaseName = LeaseName("index-writer");

async fn a_lease_goes_to_one_of_many(world: StoreWorld) {
    let second = world.open_again().await;
    let takes = (0..20).map(|i| {
        let store = if i % 2 == 0 { world.store.clone() } else { second.clone() };
        tokio::spawn(async move { store.take_lease(WRITER, &format!("owner {i}"), MINUTE, at(0)).await.unwrap() })
    });
    let taken: Vec<_> = join_all(takes).await.into_iter().filter_map(|lease| lease.expect("no panic")).collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].until, at(60));
}

async fn a_lease_is_prolonged_by_its_owner_under_the_same_fence(StoreWorld { store, .. }: StoreWorld) {
    let first = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free");
    let again = store.take_lease(WRITER, "a", MINUTE, at(30)).await.unwrap();
    assert_eq!(again, Some(Lease { fence: first.fence, until: at(90) }));
    assert_eq!(store.take_lease(WRITER, "b", MINUTE, at(70)).await.unwrap(), None);
}

async fn a_lease_that_has_run_out_goes_to_another_under_a_greater_fence(StoreWorld { store, .. }: StoreWorld) {
    let first = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free");
    assert_eq!(store.take_lease(WRITER, "b", MINUTE, at(59)).await.unwrap(), None);
    let second = store.take_lease(WRITER, "b", MINUTE, at(61)).await.unwrap().expect("run out");
    assert!(second.fence > first.fence);
    assert_eq!(store.take_lease(WRITER, "a", MINUTE, at(62)).await.unwrap(), None);
}

async fn a_fence_goes_on_growing_after_a_release(StoreWorld { store, .. }: StoreWorld) {
    let mut last = Fence(0);
    for second in 0..4 {
        let lease = store.take_lease(WRITER, "a", MINUTE, at(second)).await.unwrap().expect("free");
        assert!(lease.fence > last);
        store.release_lease(WRITER, lease.fence).await.unwrap();
        last = lease.fence;
    }
    let another = store.take_lease(WRITER, "b", MINUTE, at(5)).await.unwrap().expect("released");
    assert!(another.fence > last);
}

async fn a_lease_is_released_by_its_owner_alone(StoreWorld { store, .. }: StoreWorld) {
    store.release_lease(WRITER, Fence(1)).await.unwrap();
    let first = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free");
    let second = store.take_lease(WRITER, "b", MINUTE, at(61)).await.unwrap().expect("run out");
    store.release_lease(WRITER, first.fence).await.unwrap();
    assert_eq!(store.take_lease(WRITER, "c", MINUTE, at(62)).await.unwrap(), None);
    store.release_lease(WRITER, second.fence).await.unwrap();
    assert!(store.take_lease(WRITER, "c", MINUTE, at(63)).await.unwrap().is_some());
}

async fn leases_of_two_names_are_apart(StoreWorld { store, .. }: StoreWorld) {
    let other = LeaseName("sweeper");
    let mine = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free");
    assert!(store.take_lease(other, "b", MINUTE, at(0)).await.unwrap().is_some());
    store.release_lease(other, Fence(u64::from(u32::MAX))).await.unwrap();
    commit(&*store, Changes { lease: Some((WRITER, mine.fence)), ..Changes::new(&Tenant::main()) }).await;
}

async fn what_is_committed_under_a_lost_lease_is_refused_whole(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let first = store.take_lease(WRITER, "a", MINUTE, at(0)).await.unwrap().expect("free");
    let under = |fence| {
        let told = Changes::new(&main).event(an_event(&main, at(1)));
        Changes { lease: Some((WRITER, fence)), ..told }
    };
    commit(&*store, under(first.fence)).await;
    let second = store.take_lease(WRITER, "b", MINUTE, at(61)).await.unwrap().expect("run out");
    assert_eq!(refusal(&*store, under(first.fence)).await, Refusal::FenceLost("index-writer".to_owned()));
    assert_eq!(store.newest_events(10).await.unwrap().len(), 1);
    commit(&*store, under(second.fence)).await;
    assert_eq!(store.newest_events(10).await.unwrap().len(), 2);
}
