//! One message's way: sent, hidden, given again, done.

use std::time::{Duration, Instant};

use bharatmart_core::ports::{Message, Waiting};

use super::worlds::{BRIEF, NO_WAIT, PLAIN, QueueWorld, SECOND, ids, message, messages};

bharatmart_tests::on_every!(crate::queue::worlds: memory, sqlite, redis, sqs => [
    what_was_sent_is_received_whole,
    a_message_being_worked_on_is_hidden_from_others,
    a_message_comes_back_when_its_time_has_passed,
    a_stale_receipt_ends_nothing,
    what_is_done_never_comes_back,
    a_failed_message_comes_back_after_its_wait_and_not_before,
    a_delayed_message_waits_its_time,
    of_a_batch_of_ten_the_one_that_failed_comes_back,
    the_figures_tell_where_messages_are,
    a_plain_queue_takes_an_id_twice,
    a_waiting_receiver_hears_at_once,
    a_receiver_in_vain_waits_as_long_as_it_said,
    a_probe_reaches_the_queue,
]);

async fn what_was_sent_is_received_whole(world: QueueWorld) {
    let sent = Message {
        id: "evt_1".to_owned(),
        body: format!("{{\"name\":\"आटा \\\"5 kg\\\"\",\"filler\":\"{}\"}}", "x".repeat(100_000)),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        delay: NO_WAIT,
    };
    world.send(&PLAIN, std::slice::from_ref(&sent)).await;
    world.send(&PLAIN, &[]).await;
    let received = world.next_one(&PLAIN).await;
    assert_eq!(received.message, sent);
    assert_eq!(received.receives, 1);
    assert_eq!(world.receive(&BRIEF, 1).await, [], "another queue knows nothing of it");
}

async fn a_message_being_worked_on_is_hidden_from_others(world: QueueWorld) {
    world.send(&PLAIN, &messages(0..1)).await;
    world.next_one(&PLAIN).await;
    let another = world.another().await;
    assert_eq!(another.receive(&PLAIN, 10, NO_WAIT).await.unwrap(), []);
    assert_eq!(world.receive(&PLAIN, 10).await, []);
}

async fn a_message_comes_back_when_its_time_has_passed(world: QueueWorld) {
    world.send(&BRIEF, &messages(0..1)).await;
    let first = world.next_one(&BRIEF).await;
    world.pass(SECOND);
    let second = world.next_one(&BRIEF).await;
    assert!(world.took(SECOND));
    assert_eq!(second.message, first.message);
    assert_eq!(second.sent_at, first.sent_at);
    assert_eq!((first.receives, second.receives), (1, 2));
    assert_ne!(first.receipt, second.receipt);
}

async fn a_stale_receipt_ends_nothing(world: QueueWorld) {
    world.send(&BRIEF, &messages(0..1)).await;
    let first = world.next_one(&BRIEF).await;
    world.pass(SECOND);
    world.next_one(&BRIEF).await;
    world.retry(&BRIEF, &first, Duration::from_secs(60)).await;
    world.done(&BRIEF, &first).await;
    world.pass(SECOND);
    assert_eq!(world.next_one(&BRIEF).await.receives, 3);
    world.queueing.done(&BRIEF, "no such receipt").await.expect("it does nothing");
    world.queueing.retry(&BRIEF, "7.x", NO_WAIT).await.expect("it does nothing");
}

async fn what_is_done_never_comes_back(world: QueueWorld) {
    world.send(&BRIEF, &messages(0..1)).await;
    let received = world.next_one(&BRIEF).await;
    world.done(&BRIEF, &received).await;
    world.done(&BRIEF, &received).await;
    assert_eq!(world.queueing.waiting(&BRIEF).await.unwrap(), Waiting::default());
    world.pass(SECOND * 2);
    assert_eq!(world.queueing.receive(&BRIEF, 1, SECOND * 2).await.unwrap(), []);
}

async fn a_failed_message_comes_back_after_its_wait_and_not_before(world: QueueWorld) {
    world.send(&PLAIN, &messages(0..1)).await;
    let first = world.next_one(&PLAIN).await;
    world.retry(&PLAIN, &first, SECOND * 2).await;
    assert_eq!(world.receive(&PLAIN, 1).await, []);
    let waiting = world.queueing.waiting(&PLAIN).await.unwrap();
    assert_eq!((waiting.ready, waiting.in_flight + waiting.delayed), (0, 1));
    world.pass(SECOND * 2);
    let second = world.next_one(&PLAIN).await;
    assert!(world.took(SECOND * 2));
    assert_eq!(second.receives, 2);
    world.retry(&PLAIN, &second, NO_WAIT).await;
    assert_eq!(world.next_one(&PLAIN).await.receives, 3);
}

async fn a_delayed_message_waits_its_time(world: QueueWorld) {
    let later = Message { delay: SECOND * 2, ..message("later") };
    world.send(&PLAIN, &[later, message("now")]).await;
    assert_eq!(ids(&world.next(&PLAIN, 10).await), ["now"]);
    assert_eq!(world.receive(&PLAIN, 10).await, []);
    world.pass(SECOND * 2);
    let received = world.next_one(&PLAIN).await;
    assert!(world.took(SECOND * 2));
    assert_eq!((received.message.id.as_str(), received.receives), ("later", 1));
}

async fn of_a_batch_of_ten_the_one_that_failed_comes_back(world: QueueWorld) {
    world.send(&PLAIN, &messages(0..10)).await;
    let mut batch = Vec::new();
    while batch.len() < 10 {
        batch.extend(world.next(&PLAIN, 10).await);
    }
    let mut names = ids(&batch);
    names.sort();
    assert_eq!(names, (0..10).map(|n| format!("m{n}")).collect::<Vec<_>>());
    for received in &batch {
        match received.message.id.as_str() {
            "m7" => world.retry(&PLAIN, received, NO_WAIT).await,
            _ => world.done(&PLAIN, received).await,
        }
    }
    let again = world.next_one(&PLAIN).await;
    assert_eq!((again.message.id.as_str(), again.receives), ("m7", 2));
    world.done(&PLAIN, &again).await;
    assert_eq!(world.queueing.waiting(&PLAIN).await.unwrap(), Waiting::default());
}

async fn the_figures_tell_where_messages_are(world: QueueWorld) {
    let late = Message { delay: Duration::from_secs(60), ..message("late") };
    world.send(&PLAIN, &messages(0..3)).await;
    world.send(&PLAIN, &[late]).await;
    world.next_one(&PLAIN).await;
    let waiting = world.queueing.waiting(&PLAIN).await.unwrap();
    assert_eq!(waiting, Waiting { ready: 2, in_flight: 1, delayed: 1, dead: 0 });
    world.pass(PLAIN.visibility);
    assert_eq!(world.queueing.waiting(&BRIEF).await.unwrap(), Waiting::default());
}

async fn a_plain_queue_takes_an_id_twice(world: QueueWorld) {
    let twice = [message("same"), message("same")];
    let twice_later = twice.clone().map(|message| Message { delay: SECOND, ..message });
    world.send(&PLAIN, &twice).await;
    world.send(&PLAIN, &twice_later).await;
    world.pass(SECOND);
    let mut received = 0;
    while received < 4 {
        received += world.next(&PLAIN, 10).await.len();
    }
    assert_eq!(received, 4);
}

/// Sent by the same process, many times: looking from time to time would take far longer. Then by another process.
async fn a_waiting_receiver_hears_at_once(world: QueueWorld) {
    let another = world.another().await;
    for (sender, times) in [(&world.queueing, 20), (&another, 1)] {
        // The quicker of two: the machine may be busy with something else.
        let mut quicker = Duration::MAX;
        for _ in 0..2 {
            let began = Instant::now();
            for _ in 0..times {
                let sending = async {
                    // The receiver is asking by now.
                    world.queueing.probe().await.expect("the queue answers");
                    sender.send(&PLAIN, &messages(0..1)).await.expect("the message is stored");
                };
                tokio::join!(world.next(&PLAIN, 10), sending);
            }
            quicker = quicker.min(began.elapsed());
        }
        assert!(quicker < Duration::from_secs(8), "{times} messages took {quicker:?}");
    }
}

async fn a_receiver_in_vain_waits_as_long_as_it_said(world: QueueWorld) {
    let began = Instant::now();
    assert_eq!(world.queueing.receive(&PLAIN, 10, SECOND).await.unwrap(), []);
    let took = began.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(6)).contains(&took), "it waited {took:?}");
}

async fn a_probe_reaches_the_queue(world: QueueWorld) {
    world.queueing.probe().await.expect("the queue is there");
}
