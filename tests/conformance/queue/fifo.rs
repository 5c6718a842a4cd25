//! A FIFO queue: in order, one delivery at a time, each id once.

use std::time::Duration;

use super::worlds::{NO_WAIT, ORDERED, ORDERED_BRIEF, QueueWorld, SECOND, ids, message, messages};

bharatmart_tests::on_every!(crate::queue::worlds: memory, sqlite, redis, sqs => [
    nothing_is_given_out_while_an_earlier_delivery_is_in_flight,
    a_failed_message_keeps_its_place_and_the_queue_waits_for_it,
    what_nobody_answered_for_comes_back_in_order,
    an_id_is_taken_once,
    the_wait_ends_as_soon_as_the_delivery_before_does,
]);

async fn nothing_is_given_out_while_an_earlier_delivery_is_in_flight(world: QueueWorld) {
    world.send(&ORDERED, &messages(1..3)).await;
    world.send(&ORDERED, &messages(3..6)).await;
    let first = world.next(&ORDERED, 2).await;
    assert_eq!(ids(&first), ["m1", "m2"]);
    for received in &first {
        assert_eq!(world.another().await.receive(&ORDERED, 10, NO_WAIT).await.unwrap(), []);
        world.done(&ORDERED, received).await;
    }
    assert_eq!(ids(&world.next(&ORDERED, 10).await), ["m3", "m4", "m5"]);
}

async fn a_failed_message_keeps_its_place_and_the_queue_waits_for_it(world: QueueWorld) {
    world.send(&ORDERED, &messages(1..5)).await;
    let batch = world.next(&ORDERED, 3).await;
    world.done(&ORDERED, &batch[0]).await;
    world.retry(&ORDERED, &batch[1], SECOND * 2).await;
    world.retry(&ORDERED, &batch[2], NO_WAIT).await;
    assert_eq!(world.receive(&ORDERED, 10).await, [], "m4 must not overtake m2");
    let waiting = world.queueing.waiting(&ORDERED).await.unwrap();
    assert_eq!(waiting.ready + waiting.in_flight + waiting.delayed, 3);
    assert!(waiting.in_flight + waiting.delayed >= 1);
    world.pass(SECOND * 2);
    let again = world.next(&ORDERED, 10).await;
    assert!(world.took(SECOND * 2));
    assert_eq!(ids(&again), ["m2", "m3", "m4"]);
    assert_eq!(again.iter().map(|received| received.receives).collect::<Vec<_>>(), [2, 2, 1]);
}

async fn what_nobody_answered_for_comes_back_in_order(world: QueueWorld) {
    world.send(&ORDERED_BRIEF, &messages(1..4)).await;
    let batch = world.next(&ORDERED_BRIEF, 2).await;
    world.done(&ORDERED_BRIEF, &batch[0]).await;
    world.pass(SECOND);
    let again = world.next(&ORDERED_BRIEF, 10).await;
    assert_eq!(ids(&again), ["m2", "m3"]);
    world.done(&ORDERED_BRIEF, &batch[1]).await;
    world.done(&ORDERED_BRIEF, &again[1]).await;
    world.pass(SECOND);
    assert_eq!(world.queueing.receive(&ORDERED_BRIEF, 10, SECOND * 3).await.unwrap(), []);
    assert_eq!(
        world.dead_letters(&ORDERED_BRIEF).await,
        ["m2"],
        "it had its two receives, the stale receipt did nothing"
    );
}

async fn an_id_is_taken_once(world: QueueWorld) {
    world.send(&ORDERED, &[message("a"), message("a"), message("b")]).await;
    world.another().await.send(&ORDERED, &[message("a")]).await.unwrap();
    let batch = world.next(&ORDERED, 10).await;
    assert_eq!(ids(&batch), ["a", "b"]);
    for received in &batch {
        world.done(&ORDERED, received).await;
    }
    world.send(&ORDERED, &[message("b"), message("c")]).await;
    let after = world.next_one(&ORDERED).await;
    assert_eq!(after.message.id, "c");
    world.done(&ORDERED, &after).await;
    assert_eq!(world.receive(&ORDERED, 10).await, []);
}

#[tokio::test]
async fn after_five_minutes_an_id_is_taken_again() {
    let world = super::worlds::memory().await;
    for (pass, receives) in [(0, 1), (299, 0), (2, 1)] {
        world.pass(Duration::from_secs(pass));
        world.send(&ORDERED, &[message("a")]).await;
        let batch = world.receive(&ORDERED, 10).await;
        assert_eq!(batch.len(), receives);
        for received in &batch {
            world.done(&ORDERED, received).await;
        }
    }
}

async fn the_wait_ends_as_soon_as_the_delivery_before_does(world: QueueWorld) {
    world.send(&ORDERED, &messages(1..3)).await;
    let first = world.next_one(&ORDERED).await;
    let (second, ()) = tokio::join!(world.next_one(&ORDERED), world.done(&ORDERED, &first));
    assert_eq!(second.message.id, "m2");
}
