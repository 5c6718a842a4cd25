//! How a commit goes over the wire to PostgreSQL: its writes are sent behind their beginning without waiting for it, and
//! are not applied one by one when it fails. A lost answer is told, and nothing is applied twice.

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
    a_single_write_whose_answer_is_lost_is_in_doubt_and_not_sent_again,
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
    relay.whims.garbles.store(true, Ordering::SeqCst);
    for counters in [&["a", "b"][..], &["a"]] {
        let failed = store.commit(counting(counters)).await;
        assert!(matches!(failed, Err(CommitError::Fault(Fault::Broken { .. }))), "{failed:?}");
    }
    relay.whims.garbles.store(false, Ordering::SeqCst);
    for counter in ["a", "b"] {
        assert_eq!(store.counted(&tenant, counter).await.unwrap(), 1, "{counter}");
    }
    commit(&*store, counting(&["a", "b"])).await;
}

async fn a_single_write_whose_answer_is_lost_is_in_doubt_and_not_sent_again(world: StoreWorld) {
    let (relay, store) = behind_a_relay(&world.place).await;
    commit(&*store, counting(&["a"])).await;
    relay.whims.cuts.store(true, Ordering::SeqCst);
    let lost = store.commit(counting(&["a"])).await;
    assert!(matches!(lost, Err(CommitError::Fault(Fault::Away { .. }))), "{lost:?}");
    relay.whims.cuts.store(false, Ordering::SeqCst);
    assert_eq!(store.counted(&Tenant::main(), "a").await.unwrap(), 2);
}
