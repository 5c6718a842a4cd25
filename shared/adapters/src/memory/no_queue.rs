//! The queue of a shop that runs without workers (WORKER_MODE=none). Nothing can be sent, so events stay unsent in the
//! outbox, where a sweeper finds them once there is a queue again.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::Queue;

#[derive(Clone, Copy, Debug, Default)]
pub struct NoQueue;

#[async_trait]
impl Queueing for NoQueue {
    async fn send(&self, _queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        match messages {
            [] => Ok(()),
            _ => Err(Fault::away("queue", "the shop runs without workers; events wait in the outbox")),
        }
    }

    async fn receive(&self, _queue: &'static Queue, _most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        tokio::time::sleep(wait).await;
        Ok(Vec::new())
    }

    async fn done(&self, _queue: &'static Queue, _receipt: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn retry(&self, _queue: &'static Queue, _receipt: &str, _wait: Duration) -> Result<(), Fault> {
        Ok(())
    }

    async fn waiting(&self, _queue: &'static Queue) -> Result<Waiting, Fault> {
        Ok(Waiting::default())
    }

    async fn dead_letters(&self, _queue: &'static Queue, _most: usize) -> Result<Vec<Received>, Fault> {
        Ok(Vec::new())
    }

    async fn redrive(&self, _queue: &'static Queue) -> Result<u64, Fault> {
        Ok(0)
    }

    /// There is no other side to reach, and its absence was chosen.
    async fn probe(&self) -> Result<(), Fault> {
        Ok(())
    }
}
