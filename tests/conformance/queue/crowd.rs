//! Many receivers at once, and receivers that die.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bharatmart_core::ports::{Queueing, Received};
use bharatmart_core::queues::Queue;
use bharatmart_tests::eventually;
use tokio::task::JoinHandle;

use super::worlds::{BRIEF, LASTING, NO_WAIT, ORDERED, PLAIN, QueueWorld, SECOND, messages};

bharatmart_tests::on_every!(crate::queue::worlds: memory, sqlite, redis, sqs => [
    four_receivers_share_five_hundred_messages_and_none_is_given_twice,
    a_receiver_that_dies_midway_loses_nothing,
    a_consumer_that_dies_with_a_message_gives_it_back,
    a_fifo_queue_is_worked_on_by_one_at_a_time_in_order,
    senders_at_once_lose_nothing,
]);

const MESSAGES: usize = 500;

#[derive(Default)]
struct Seen {
    ids: Mutex<BTreeMap<String, u32>>,
    order: Mutex<Vec<String>>,
    busy: AtomicBool,
    overlaps: AtomicUsize,
}

impl Seen {
    fn note(&self, received: &Received) {
        *self.ids.lock().unwrap().entry(received.message.id.clone()).or_default() += 1;
        self.order.lock().unwrap().push(received.message.id.clone());
    }

    fn different(&self) -> usize {
        self.ids.lock().unwrap().len()
    }
}

async fn send_all(world: &QueueWorld, queue: &'static Queue, count: usize) {
    for chunk in messages(0..count as u32).chunks(10) {
        world.send(queue, chunk).await;
    }
}

/// Receives and does until it is ended.
fn receiver(queueing: Arc<dyn Queueing>, queue: &'static Queue, seen: Arc<Seen>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let batch = queueing.receive(queue, 10, SECOND).await.expect("the queue answers");
            if batch.is_empty() {
                continue;
            }
            if seen.busy.swap(true, Ordering::SeqCst) {
                seen.overlaps.fetch_add(1, Ordering::SeqCst);
            }
            for (nth, received) in batch.iter().enumerate() {
                seen.note(received);
                // Another may be given the next batch from the moment the last of this one is done.
                if nth + 1 == batch.len() {
                    seen.busy.store(false, Ordering::SeqCst);
                }
                queueing.done(queue, &received.receipt).await.expect("the queue answers");
            }
        }
    })
}

async fn four_receivers(world: &QueueWorld, queue: &'static Queue, seen: &Arc<Seen>) -> Vec<JoinHandle<()>> {
    let mut receivers = Vec::new();
    for _ in 0..4 {
        receivers.push(receiver(world.another().await, queue, Arc::clone(seen)));
    }
    receivers
}

async fn until_empty(world: &QueueWorld, queue: &'static Queue) {
    eventually("the queue is empty", || async {
        world.pass(queue.visibility / 10);
        let waiting = world.queueing.waiting(queue).await.expect("the queue answers");
        waiting.ready + waiting.in_flight + waiting.delayed == 0
    })
    .await;
}

async fn four_receivers_share_five_hundred_messages_and_none_is_given_twice(world: QueueWorld) {
    let seen = Arc::new(Seen::default());
    let receivers = four_receivers(&world, &PLAIN, &seen).await;
    send_all(&world, &PLAIN, MESSAGES).await;
    eventually("all messages were received", || async { seen.different() == MESSAGES }).await;
    let figures = || async { world.queueing.waiting(&PLAIN).await.expect("the queue answers") };
    eventually("all messages are done", || async { figures().await == Default::default() }).await;
    receivers.iter().for_each(JoinHandle::abort);
    assert!(seen.ids.lock().unwrap().values().all(|receives| *receives == 1));
}

async fn a_receiver_that_dies_midway_loses_nothing(world: QueueWorld) {
    let seen = Arc::new(Seen::default());
    let receivers = four_receivers(&world, &LASTING, &seen).await;
    let sending = send_all(&world, &LASTING, MESSAGES);
    let dying = async {
        eventually("half of it is received", || async { seen.different() >= MESSAGES / 2 }).await;
        receivers[0].abort();
        receivers[1].abort();
    };
    tokio::join!(sending, dying);
    until_empty(&world, &LASTING).await;
    receivers.iter().for_each(JoinHandle::abort);
    assert_eq!(seen.different(), MESSAGES);
    assert_eq!(world.dead_letters(&LASTING).await, [""; 0]);
}

async fn a_consumer_that_dies_with_a_message_gives_it_back(world: QueueWorld) {
    world.send(&BRIEF, &messages(0..1)).await;
    let another = world.another().await;
    assert_eq!(another.receive(&BRIEF, 1, SECOND * 5).await.unwrap().len(), 1);
    drop(another);
    world.pass(SECOND);
    assert_eq!(world.next_one(&BRIEF).await.receives, 2);
}

async fn a_fifo_queue_is_worked_on_by_one_at_a_time_in_order(world: QueueWorld) {
    const MESSAGES: usize = 100;
    let seen = Arc::new(Seen::default());
    let receivers = four_receivers(&world, &ORDERED, &seen).await;
    send_all(&world, &ORDERED, MESSAGES).await;
    eventually("all messages were received", || async { seen.different() == MESSAGES }).await;
    receivers.iter().for_each(JoinHandle::abort);
    let expected: Vec<String> = (0..MESSAGES).map(|id| format!("m{id}")).collect();
    assert_eq!(*seen.order.lock().unwrap(), expected);
    assert_eq!(seen.overlaps.load(Ordering::SeqCst), 0);
}

async fn senders_at_once_lose_nothing(world: QueueWorld) {
    let another = world.another().await;
    let senders = (0..40_u32).map(|sender| {
        let queueing = Arc::clone(if sender % 2 == 0 { &world.queueing } else { &another });
        tokio::spawn(async move { queueing.send(&PLAIN, &messages(sender * 5..sender * 5 + 5)).await })
    });
    for sent in futures_util::future::join_all(senders).await {
        sent.expect("no panic").expect("the messages are stored");
    }
    let seen = Seen::default();
    while seen.different() < 200 {
        let batch = world.queueing.receive(&PLAIN, 10, Duration::from_secs(5)).await.unwrap();
        assert!(!batch.is_empty(), "only {} of 200 came", seen.different());
        batch.iter().for_each(|received| seen.note(received));
    }
    assert_eq!(world.queueing.receive(&PLAIN, 10, NO_WAIT).await.unwrap(), []);
}
