//! Queues carry events to workers, at least once.

use std::time::Duration;

use async_trait::async_trait;

use super::Fault;
use crate::queues::Queue;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The event's id. A FIFO queue takes one id once within five minutes.
    pub id: String,
    pub body: String,
    /// The W3C trace context, sent as a message attribute.
    pub traceparent: Option<String>,
    /// Not given out before this long has passed. A FIFO queue has no delays.
    pub delay: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub message: Message,
    /// What to name this delivery by when it is done or to be retried; another delivery has another one.
    pub receipt: String,
    /// How often it was received, this time included.
    pub receives: u32,
    pub sent_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub ready: u64,
    pub in_flight: u64,
    pub delayed: u64,
    pub dead: u64,
}

#[async_trait]
pub trait Queueing: Send + Sync {
    /// MUST have stored every message when it answers Ok; MAY store some and then fail.
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault>;

    /// At most `most` messages, hidden from others for the queue's visibility time; waits up to `wait` for the first.
    /// MUST NOT give out a message of a FIFO queue while an earlier delivery of that queue is in flight.
    /// MUST move a message that was received `max_receives` times, and came back, to the dead letters instead.
    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault>;

    /// The delivery is done. MUST do nothing when the message has been given to another since.
    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault>;

    /// Gives the message out again after `wait`. MUST do nothing when it has been given to another since.
    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault>;

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault>;

    /// The oldest dead letters, left where they are.
    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault>;

    /// Sends the dead letters back to their queue, with a fresh count of receives; answers how many.
    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault>;

    /// MUST make one real round trip.
    async fn probe(&self) -> Result<(), Fault>;
}
