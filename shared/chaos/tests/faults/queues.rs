//! Messages that are lost, late, double or out of order.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bharatmart_adapters::memory::MemoryQueueing;
use bharatmart_chaos::Act;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Queueing};
use bharatmart_core::queues::{Queue, SEARCH, STOCK};

use crate::acts::a_message;
use crate::stage::{Stage, always};

/// A clock that a test turns.
#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct World {
    queue: Arc<dyn Queueing>,
    clock: Arc<Hands>,
    stage: Arc<Stage>,
}

fn world(at: &'static str, act: Act) -> World {
    let clock = Arc::new(Hands::default());
    let (chaos, stage) = always(at, act);
    World { queue: chaos.queue(Arc::new(MemoryQueueing::new(clock.clone()))), clock, stage }
}

impl World {
    async fn send(&self, queue: &'static Queue) {
        self.queue.send(queue, &["1", "2", "3"].map(a_message)).await.unwrap();
    }

    async fn received(&self, queue: &'static Queue) -> Vec<String> {
        let received = self.queue.receive(queue, 10, Duration::ZERO).await.unwrap();
        received.into_iter().map(|delivery| delivery.message.id).collect()
    }
}

#[tokio::test]
async fn lost_messages_never_come() {
    let world = world("queue.send", Act::Lose);
    world.send(&STOCK).await;
    assert!(world.received(&STOCK).await.is_empty());
}

#[tokio::test]
async fn late_messages_come_late() {
    let world = world("queue.send", Act::Late(Duration::from_secs(30)));
    world.send(&STOCK).await;
    assert!(world.received(&STOCK).await.is_empty());
    world.clock.0.store(30_001, Ordering::Relaxed);
    assert_eq!(world.received(&STOCK).await, ["1", "2", "3"]);
    assert_eq!(world.stage.slept(), Duration::ZERO);
}

#[tokio::test]
async fn a_fifo_queue_has_no_delays_so_who_sends_waits() {
    let world = world("queue.send", Act::Late(Duration::from_secs(2)));
    world.send(&SEARCH).await;
    assert_eq!(world.stage.slept(), Duration::from_secs(2));
    assert_eq!(world.received(&SEARCH).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn double_messages_come_twice_but_in_a_fifo_queue() {
    let world = world("queue.send", Act::Duplicate);
    world.send(&STOCK).await;
    world.send(&SEARCH).await;
    assert_eq!(world.received(&STOCK).await, ["1", "2", "3", "1", "2", "3"]);
    assert_eq!(world.received(&SEARCH).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn messages_come_in_another_order_than_they_were_sent_in() {
    for at in ["queue.send", "queue.receive"] {
        let world = world(at, Act::Reorder);
        world.send(&STOCK).await;
        assert_eq!(world.received(&STOCK).await, ["3", "2", "1"], "{at}");
    }
}

#[tokio::test]
async fn a_batch_whose_delivery_was_lost_comes_again() {
    let world = world("queue.receive", Act::ErrorAfter);
    world.send(&STOCK).await;
    assert!(world.queue.receive(&STOCK, 10, Duration::ZERO).await.is_err());
    let waiting = world.queue.waiting(&STOCK).await.unwrap();
    assert_eq!((waiting.ready, waiting.in_flight), (0, 3));
    world.clock.0.store(STOCK.visibility.as_millis() as i64 + 1, Ordering::Relaxed);
    assert_eq!(world.queue.waiting(&STOCK).await.unwrap().ready, 3);
}
