//! The shop's queues: what travels on each, and how patient each is.

use std::time::Duration;

/// One queue. Its dead letters go to a queue of the same name with `-dead`.
#[derive(Debug, PartialEq, Eq)]
pub struct Queue {
    pub name: &'static str,
    /// One message group at a time, in order; a FIFO queue in SQS.
    pub fifo: bool,
    /// How long a receiver may work before the message is given to another: longer than the worker's time-out, short
    /// enough that after a crash the shop goes on within thirty seconds.
    pub visibility: Duration,
    /// After so many receives the message is a dead letter.
    pub max_receives: u32,
}

/// Products whose search document must be written anew. One group: the index has one writer.
pub static SEARCH: Queue = Queue { name: "search", fifo: true, visibility: Duration::from_secs(24), max_receives: 5 };

/// Messages to customers: codes, links, news of an order.
pub static NOTIFICATIONS: Queue =
    Queue { name: "notifications", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

/// Movements of stock, to be entered in the books of each SKU.
pub static STOCK: Queue = Queue { name: "stock", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

/// What happens to orders, for what the shop does about it by itself.
pub static ORDERS: Queue = Queue { name: "orders", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

/// Attempts to pay that must be looked after, and money that must go back.
pub static PAYMENTS: Queue =
    Queue { name: "payments", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

/// What is counted by day.
pub static ANALYTICS: Queue =
    Queue { name: "analytics", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

/// What the mock payment provider will tell the shop by webhook.
pub static MOCK_PROVIDER: Queue =
    Queue { name: "mock-provider", fifo: false, visibility: Duration::from_secs(24), max_receives: 5 };

pub static ALL: &[&Queue] = &[&SEARCH, &NOTIFICATIONS, &STOCK, &ORDERS, &PAYMENTS, &ANALYTICS, &MOCK_PROVIDER];

pub fn by_name(name: &str) -> Option<&'static Queue> {
    ALL.iter().copied().find(|queue| queue.name == name)
}
