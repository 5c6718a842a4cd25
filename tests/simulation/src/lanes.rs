//! The queue under the shop: in memory, with what was ever stored noted, so that a message that got lost on its way is
//! told from one that nobody minded.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::memory::MemoryQueueing;
use bharatmart_core::ports::{Clock, Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::{ALL, Queue, SEARCH};

use crate::under::now;

pub struct Lanes {
    queue: MemoryQueueing,
    stored: Mutex<BTreeSet<(&'static str, String)>>,
}

impl Lanes {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Lanes { queue: MemoryQueueing::new(clock), stored: Mutex::default() })
    }

    pub fn had(&self, queue: &Queue, id: impl ToString) -> bool {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.contains(&(queue.name, id.to_string()))
    }

    /// The queues that hold anything still; of that for the search index, which is not here, nobody takes.
    pub fn busy(&self) -> Vec<(&'static str, Waiting)> {
        let taken = ALL.iter().filter(|queue| queue.name != SEARCH.name);
        let waiting = taken.map(|queue| (queue.name, now(self.queue.waiting(queue)).unwrap_or_default()));
        waiting.filter(|(_, waiting)| *waiting != Waiting::default()).collect()
    }
}

#[async_trait]
impl Queueing for Lanes {
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        self.queue.send(queue, messages).await?;
        let ids = messages.iter().map(|message| (queue.name, message.id.clone()));
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
        Ok(())
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        self.queue.receive(queue, most, wait).await
    }

    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
        self.queue.done(queue, receipt).await
    }

    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
        self.queue.retry(queue, receipt, wait).await
    }

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
        self.queue.waiting(queue).await
    }

    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
        self.queue.dead_letters(queue, most).await
    }

    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
        self.queue.redrive(queue).await
    }

    async fn probe(&self) -> Result<(), Fault> {
        self.queue.probe().await
    }
}
