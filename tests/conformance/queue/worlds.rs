//! A place of its own for each test of a queue, and the queues the tests use.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bharatmart_adapters::memory::MemoryQueueing;
use bharatmart_adapters::redis::RedisQueueing;
use bharatmart_adapters::sqlite::queue::SqliteQueueing;
use bharatmart_adapters::sqs::{QueueUrls, SqsQueueing, create_queues};
use bharatmart_core::ports::{Message, Queueing, Received};
use bharatmart_core::queues::{self, Queue};
use bharatmart_tests::servers;
use tempfile::TempDir;

use crate::clock::TurnedClock;

/// Patient enough that nothing comes back while a test looks.
pub static PLAIN: Queue = Queue { name: "plain", fifo: false, visibility: Duration::from_secs(30), max_receives: 3 };
/// So impatient that a test can wait for what comes back.
pub static BRIEF: Queue = Queue { name: "brief", fifo: false, visibility: Duration::from_secs(1), max_receives: 3 };
pub static ORDERED: Queue = Queue { name: "ordered", fifo: true, visibility: Duration::from_secs(30), max_receives: 3 };
pub static ORDERED_BRIEF: Queue =
    Queue { name: "ordered-brief", fifo: true, visibility: Duration::from_secs(1), max_receives: 2 };
/// Gives up nothing, however often a slow machine lets it come back.
pub static LASTING: Queue =
    Queue { name: "lasting", fifo: false, visibility: Duration::from_secs(2), max_receives: 1000 };

pub const NO_WAIT: Duration = Duration::ZERO;
pub const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

pub struct QueueWorld {
    pub queueing: Arc<dyn Queueing>,
    place: Place,
    began: Instant,
}

enum Place {
    Memory(Arc<TurnedClock>),
    Sqlite(TempDir),
    Redis { prefix: String },
    Sqs(QueueUrls),
}

impl QueueWorld {
    async fn new(place: Place) -> Self {
        let queueing = place.open().await;
        QueueWorld { queueing, place, began: Instant::now() }
    }

    /// The same queues as another process sees them. In memory there is no other process.
    pub async fn another(&self) -> Arc<dyn Queueing> {
        match &self.place {
            Place::Memory(_) => Arc::clone(&self.queueing),
            place => place.open().await,
        }
    }

    /// Turns the clock where the tests have it in hand. Elsewhere time passes by itself, and `next` waits for it.
    pub fn pass(&self, time: Duration) {
        if let Place::Memory(clock) = &self.place {
            clock.turn(time);
        }
    }

    /// Whether it is at least so long since the test began; always where the tests have the clock in hand.
    pub fn took(&self, time: Duration) -> bool {
        matches!(self.place, Place::Memory(_)) || self.began.elapsed() >= time
    }

    pub async fn send(&self, queue: &'static Queue, messages: &[Message]) {
        self.queueing.send(queue, messages).await.expect("the messages are stored");
    }

    /// What is there now.
    pub async fn receive(&self, queue: &'static Queue, most: usize) -> Vec<Received> {
        self.queueing.receive(queue, most, NO_WAIT).await.expect("the queue answers")
    }

    /// Whatever comes next, waited for.
    pub async fn next(&self, queue: &'static Queue, most: usize) -> Vec<Received> {
        let received = self.queueing.receive(queue, most, PATIENCE).await.expect("the queue answers");
        assert!(!received.is_empty(), "nothing came on {} within {PATIENCE:?}", queue.name);
        received
    }

    pub async fn next_one(&self, queue: &'static Queue) -> Received {
        self.next(queue, 1).await.remove(0)
    }

    pub async fn done(&self, queue: &'static Queue, received: &Received) {
        self.queueing.done(queue, &received.receipt).await.expect("the queue answers");
    }

    pub async fn retry(&self, queue: &'static Queue, received: &Received, wait: Duration) {
        self.queueing.retry(queue, &received.receipt, wait).await.expect("the queue answers");
    }

    pub async fn dead_letters(&self, queue: &'static Queue) -> Vec<String> {
        ids(&self.queueing.dead_letters(queue, 10).await.expect("the queue answers"))
    }
}

impl Place {
    async fn open(&self) -> Arc<dyn Queueing> {
        match self {
            Place::Memory(clock) => Arc::new(MemoryQueueing::new(clock.clone())),
            Place::Sqlite(folder) => {
                Arc::new(SqliteQueueing::open(&folder.path().join("queue.db")).await.expect("the file opens"))
            }
            Place::Redis { prefix } => {
                let url = servers::redis_url().await;
                Arc::new(RedisQueueing::connect(&url, prefix).await.expect("the address is right"))
            }
            Place::Sqs(urls) => Arc::new(SqsQueueing::new(&servers::aws().await, urls.clone())),
        }
    }
}

pub async fn memory() -> QueueWorld {
    QueueWorld::new(Place::Memory(Arc::new(TurnedClock::new()))).await
}

pub async fn sqlite() -> QueueWorld {
    QueueWorld::new(Place::Sqlite(TempDir::new().expect("a folder"))).await
}

pub async fn redis() -> QueueWorld {
    QueueWorld::new(Place::Redis { prefix: servers::unique_name() }).await
}

pub async fn sqs() -> QueueWorld {
    let prefix = format!("{}-", servers::unique_name());
    // A probe asks for a queue of the shop's own.
    let queues = [&PLAIN, &BRIEF, &ORDERED, &ORDERED_BRIEF, &LASTING, &queues::SEARCH];
    let urls = create_queues(&servers::aws().await, &prefix, &queues).await.expect("the emulator makes queues");
    QueueWorld::new(Place::Sqs(urls)).await
}

pub fn message(id: &str) -> Message {
    let body = format!(r#"{{"id":"{id}"}}"#);
    Message { id: id.to_owned(), body, traceparent: None, delay: NO_WAIT }
}

pub fn messages(ids: impl IntoIterator<Item = u32>) -> Vec<Message> {
    ids.into_iter().map(|id| message(&format!("m{id}"))).collect()
}

pub fn ids(received: &[Received]) -> Vec<String> {
    received.iter().map(|received| received.message.id.clone()).collect()
}
