//! Thousands of bad days, and whether the checker would have seen a mistake.

use bharatmart_simulation::{Broken, Plant, run, run_many};

const SEEDS: u64 = 2_000;

/// What orders and payments ask of the ports.
const CALLS: &[&str] = &[
    "clock.now",
    "messages.send",
    "payments.charge",
    "payments.look",
    "payments.refund",
    "queue.done",
    "queue.receive",
    "queue.retry",
    "queue.send",
    "store.applied",
    "store.claim_key",
    "store.commit",
    "store.count",
    "store.counted",
    "store.free_key",
    "store.mark_sent",
    "store.owner",
    "store.product",
    "store.products",
    "store.record",
    "store.records",
    "store.unsent",
];

#[test]
fn the_shop_keeps_its_promises_through_two_thousand_bad_days() {
    let (tally, broken) = run_many(1..SEEDS + 1, None);
    if let Some(outcome) = broken {
        let history = run(outcome.seed, None, true).history;
        panic!("{}\nseed {} broke a promise: {:?}", history.join("\n"), outcome.seed, outcome.broken);
    }
    assert_eq!(tally.seeds, SEEDS);
    assert!(tally.fewest_turns >= 200, "a day of {} turns", tally.fewest_turns);
    let called: Vec<_> = tally.calls.keys().map(|(port, name)| format!("{port}.{name}")).collect();
    let missing: Vec<_> = CALLS.iter().filter(|call| !called.iter().any(|one| one == *call)).collect();
    assert!(missing.is_empty(), "never called: {missing:?}");
    let is_theirs = |name: &str| name.starts_with("order ") || CALLS.iter().any(|call| name.starts_with(call));
    let counts = tally.counts().into_iter().filter(|(name, _)| is_theirs(name));
    let never: Vec<_> = counts.filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
    assert!(never.is_empty(), "never came about: {never:?}\n{}", tally.text());
}

#[test]
fn a_seed_goes_the_same_way_each_time() {
    for seed in [3, 17, 29] {
        let (first, second) = (run(seed, None, true), run(seed, None, true));
        assert!(first.history.len() > 200);
        assert_eq!(first.history, second.history);
        assert_eq!(first.tally.turns, run(seed, None, false).tally.turns, "telling changes nothing");
    }
}

/// The seed that found it, and what it says.
fn found(plant: Plant) -> String {
    let (tally, outcome) = run_many(1..SEEDS + 1, Some(plant));
    let Some(outcome) = outcome else { panic!("{} was not found in {} seeds", plant.name(), tally.seeds) };
    let Some(Broken(what)) = outcome.broken else { panic!("an outcome that broke nothing") };
    what
}

#[test]
fn orders_without_an_idempotency_record_are_found() {
    let what = found(Plant::NoIdempotencyRecord);
    assert!(what.contains("two orders of one key"), "{what}");
}

#[test]
fn reservations_without_a_condition_are_found() {
    let what = found(Plant::ReserveWithoutCondition);
    assert!(what.contains(" there, ") && what.contains(" came"), "{what}");
}

#[test]
fn events_outside_their_commit_are_found() {
    let what = found(Plant::EventOutsideTheCommit);
    assert!(what.contains("without its events"), "{what}");
}

#[test]
fn captures_under_a_new_key_are_found() {
    let what = found(Plant::CaptureUnderANewKey);
    assert!(what.contains("the provider"), "{what}");
}

#[test]
fn releases_that_come_twice_are_found() {
    let what = found(Plant::ReleaseTwice);
    assert!(what.contains(" reserved, ") && what.contains(" held"), "{what}");
}
