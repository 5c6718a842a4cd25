//! How a commit goes over the wire to PostgreSQL: its writes are sent behind their beginning without waiting for it, and
//! are not applied one by one when it fails.

use std::sync::atomic::Ordering;

use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Changes, Tenant, Write};
use bharatmart_tests::on_every;
use bharatmart_tests::stores::StoreWorld;

use super::commit;
use super::relay::behind_a_relay;

on_every!(bharatmart_tests::stores: postgres => [
    a_commit_is_two_round_trips_and_one_of_a_single_write_is_one,
    nothing_of_a_commit_whose_beginning_fails_is_applied,
]);

fn counting(counters: &[&str]) -> Changes {
    let count = |counter: &&str| Write::Count { counter: (*counter).to_owned(), by: 1, at_most: 10 };
    Changes { writes: counters.iter().map(count).collect(), ..Changes::new(&Tenant::main()) }
}

async fn a_commit_is_two_round_trips_and_one_of_a_single_write_is_one(world: StoreWorld) {
    let (relay, store) = behind_a_relay(&world.place).await;
    commit(&*store, counting(&["a", "b"])).await;
    for (counters, trips) in [(&["a", "b"][..], 2), (&["a"], 1)] {
        let before = relay.counted();
        commit(&*store, counting(counters)).await;
        assert_eq!(relay.counted().trips - before.trips, trips, "{counters:?}");
    }
}

async fn nothing_of_a_commit_whose_beginning_fails_is_applied(world: StoreWorld) {
    let tenant = Tenant::main();
    let (relay, store) = behind_a_relay(&world.place).await;
    commit(&*store, counting(&["a", "b"])).await;
    relay.garbles.store(true, Ordering::SeqCst);
    for counters in [&["a", "b"][..], &["a"]] {
        let failed = store.commit(counting(counters)).await;
        assert!(matches!(failed, Err(CommitError::Fault(Fault::Broken { .. }))), "{failed:?}");
    }
    relay.garbles.store(false, Ordering::SeqCst);
    for counter in ["a", "b"] {
        assert_eq!(store.counted(&tenant, counter).await.unwrap(), 1, "{counter}");
    }
    commit(&*store, counting(&["a", "b"])).await;
}
