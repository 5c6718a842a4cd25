//! The queues. What is on its way may get lost, come late, twice (`duplicate` of `send`) or in another order.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::Queue;

use crate::act::Act;
use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::{OF_RECEIVING, OF_SENDING, Operation};

impl Chaos {
    pub fn queue(&self, queue: Arc<dyn Queueing>) -> Arc<dyn Queueing> {
        Arc::new(self.faulty(queue))
    }
}

const SEND: Operation = Operation::writes("queue", "Queueing", "send").having(OF_SENDING);
const RECEIVE: Operation = Operation::writes("queue", "Queueing", "receive").having(OF_RECEIVING);

faulty! {
    QUEUEING = "queue": Queueing for dyn Queueing;
    writes done(queue: &'static Queue, receipt: &str) -> Result<(), Fault>;
    writes retry(queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault>;
    reads waiting(queue: &'static Queue) -> Result<Waiting, Fault>;
    reads dead_letters(queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault>;
    writes redrive(queue: &'static Queue) -> Result<u64, Fault>;
    reads probe() -> Result<(), Fault>;
    [SEND, RECEIVE] by hand:

    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        let mut underway = self.chaos.begin(&SEND).await?;
        let messages = match underway.act {
            Act::Lose => return Ok(()),
            Act::Late(by) if !queue.fifo => Cow::Owned(messages.iter().map(|message| late(message, by)).collect()),
            // A FIFO queue has no delays: who sends waits in its place.
            Act::Late(by) => {
                self.chaos.wait(&SEND, by).await?;
                Cow::Borrowed(messages)
            }
            Act::Reorder => Cow::Owned(messages.iter().rev().cloned().collect::<Vec<_>>()),
            _ => Cow::Borrowed(messages),
        };
        through!(underway, self.inner.send(queue, &messages))
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        let mut underway = self.chaos.begin(&RECEIVE).await?;
        let mut received = through!(underway, self.inner.receive(queue, most, wait))?;
        if underway.act == Act::Reorder {
            received.reverse();
        }
        Ok(received)
    }
}

fn late(message: &Message, by: Duration) -> Message {
    Message { delay: message.delay + by, ..message.clone() }
}
