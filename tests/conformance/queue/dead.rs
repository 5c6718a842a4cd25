//! What fails again and again is set aside, is seen, and can be sent again.

use bharatmart_core::ports::{Message, Waiting};
use bharatmart_core::queues::Queue;

use super::worlds::{BRIEF, NO_WAIT, ORDERED, PLAIN, QueueWorld, SECOND, ids, message, messages};

bharatmart_tests::on_every!(crate::queue::worlds: memory, sqlite, redis, sqs => [
    a_message_that_fails_too_often_is_a_dead_letter,
    a_message_nobody_answers_for_is_a_dead_letter_in_the_end,
    dead_letters_sent_again_start_with_a_fresh_count,
    a_fifo_queue_goes_on_behind_a_dead_letter,
]);

async fn fail_to_the_end(world: &QueueWorld, queue: &'static Queue, id: &str) {
    for receives in 1..=queue.max_receives {
        let received = world.next_one(queue).await;
        assert_eq!((received.message.id.as_str(), received.receives), (id, receives));
        world.retry(queue, &received, NO_WAIT).await;
    }
}

async fn a_message_that_fails_too_often_is_a_dead_letter(world: QueueWorld) {
    let traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    let poison = Message { traceparent, ..message("poison") };
    world.send(&PLAIN, std::slice::from_ref(&poison)).await;
    fail_to_the_end(&world, &PLAIN, "poison").await;
    assert_eq!(world.receive(&PLAIN, 10).await, []);
    let letters = world.queueing.dead_letters(&PLAIN, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].message, poison);
    assert_eq!(world.dead_letters(&PLAIN).await, ["poison"], "looking leaves it where it is");
    let waiting = world.queueing.waiting(&PLAIN).await.unwrap();
    assert_eq!(waiting, Waiting { dead: 1, ..Waiting::default() });
}

async fn a_message_nobody_answers_for_is_a_dead_letter_in_the_end(world: QueueWorld) {
    world.send(&BRIEF, &messages(0..1)).await;
    for receives in 1..=BRIEF.max_receives {
        assert_eq!(world.next_one(&BRIEF).await.receives, receives);
        world.pass(SECOND);
    }
    assert_eq!(world.queueing.receive(&BRIEF, 1, SECOND * 3).await.unwrap(), []);
    assert_eq!(world.dead_letters(&BRIEF).await, ["m0"]);
}

async fn dead_letters_sent_again_start_with_a_fresh_count(world: QueueWorld) {
    for id in ["a", "b"] {
        world.send(&PLAIN, &[message(id)]).await;
        fail_to_the_end(&world, &PLAIN, id).await;
        assert_eq!(world.receive(&PLAIN, 10).await, []);
    }
    assert_eq!(world.dead_letters(&PLAIN).await, ["a", "b"], "the oldest first");
    assert_eq!(world.queueing.redrive(&PLAIN).await.unwrap(), 2);
    assert_eq!(world.queueing.redrive(&PLAIN).await.unwrap(), 0);
    let mut received = Vec::new();
    while received.len() < 2 {
        received.extend(world.next(&PLAIN, 10).await);
    }
    assert!(received.iter().all(|received| received.receives == 1));
    let waiting = world.queueing.waiting(&PLAIN).await.unwrap();
    assert_eq!(waiting, Waiting { in_flight: 2, ..Waiting::default() });
}

async fn a_fifo_queue_goes_on_behind_a_dead_letter(world: QueueWorld) {
    world.send(&ORDERED, &messages(1..4)).await;
    fail_to_the_end(&world, &ORDERED, "m1").await;
    let rest = world.next(&ORDERED, 10).await;
    assert_eq!(ids(&rest), ["m2", "m3"]);
    assert_eq!(world.dead_letters(&ORDERED).await, ["m1"]);
    for received in &rest {
        world.done(&ORDERED, received).await;
    }
    assert_eq!(world.queueing.redrive(&ORDERED).await.unwrap(), 1);
    let again = world.next_one(&ORDERED).await;
    assert_eq!((again.message.id.as_str(), again.receives), ("m1", 1));
}
