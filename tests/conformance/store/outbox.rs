//! Events are kept until they are known to be sent, and a consumer's mark of each is found again.

use bharatmart_core::changes::Applied;
use bharatmart_core::{Changes, Event, Tenant};
use bharatmart_tests::data::{an_event, at, tenant};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;

use super::commit;

on_every_store![
    unsent_events_come_oldest_first_and_as_they_were_committed,
    only_events_committed_before_a_moment_are_swept,
    a_sent_event_is_not_sent_again,
    the_newest_events_come_first_sent_or_not,
    a_mark_is_found_for_its_consumer_alone,
];

/// Of two tenants in turn, committed in no order.
async fn committed(world: &StoreWorld, count: i64) -> Vec<Event> {
    let tenants = [Tenant::main(), tenant("second")];
    let events: Vec<_> = (0..count).map(|i| an_event(&tenants[i as usize % 2], at(i))).collect();
    let (odd, even): (Vec<_>, Vec<_>) = events.iter().enumerate().partition(|(i, _)| i % 3 == 1);
    for (_, event) in odd.into_iter().chain(even) {
        commit(&*world.store, Changes::new(&event.tenant).event(event.clone())).await;
    }
    events
}

async fn unsent_events_come_oldest_first_and_as_they_were_committed(world: StoreWorld) {
    let events = committed(&world, 12).await;
    assert_eq!(world.store.unsent(at(100), 100).await.unwrap(), events);
    assert_eq!(world.store.unsent(at(100), 5).await.unwrap(), events[..5]);
}

async fn only_events_committed_before_a_moment_are_swept(world: StoreWorld) {
    let events = committed(&world, 6).await;
    assert_eq!(world.store.unsent(at(0), 100).await.unwrap(), []);
    assert_eq!(world.store.unsent(at(3), 100).await.unwrap(), events[..3]);
}

async fn a_sent_event_is_not_sent_again(world: StoreWorld) {
    let events = committed(&world, 6).await;
    let unknown = an_event(&Tenant::main(), at(0));
    let sent = [events[1].clone(), unknown, events[4].clone()];
    world.store.mark_sent(&sent).await.unwrap();
    world.store.mark_sent(&sent).await.unwrap();
    let left = [0, 2, 3, 5].map(|i| events[i].clone());
    assert_eq!(world.store.unsent(at(100), 100).await.unwrap(), left);
    world.store.mark_sent(&events).await.unwrap();
    assert_eq!(world.store.unsent(at(100), 100).await.unwrap(), []);
    world.store.mark_sent(&[]).await.unwrap();
}

async fn the_newest_events_come_first_sent_or_not(world: StoreWorld) {
    let mut events = committed(&world, 6).await;
    world.store.mark_sent(&events[4..]).await.unwrap();
    events.reverse();
    assert_eq!(world.store.newest_events(100).await.unwrap(), events);
    assert_eq!(world.store.newest_events(2).await.unwrap(), events[..2]);
}

async fn a_mark_is_found_for_its_consumer_alone(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let events: Vec<_> = (0..40).map(|i| an_event(&main, at(i)).id).collect();
    let mark = |event: &_| Applied { consumer: "search", event: *event, expires_at: at(600) };
    let marks: Vec<_> = events.iter().step_by(2).map(mark).collect();
    commit(&*store, Changes { applied: marks, ..Changes::new(&main) }).await;

    let mut found = store.applied(&main, "search", &events).await.unwrap();
    found.sort();
    let mut expected: Vec<_> = events.iter().step_by(2).copied().collect();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(store.applied(&main, "mail", &events).await.unwrap(), []);
    assert_eq!(store.applied(&tenant("second"), "search", &events).await.unwrap(), []);
    assert_eq!(store.applied(&main, "search", &[]).await.unwrap(), []);
}
