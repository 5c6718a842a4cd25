//! Where each queue is: a common beginning (the setting `QUEUE_URL_PREFIX`), the queue's name, and `.fifo` where SQS
//! wants it. `http://127.0.0.1:4566/000000000000/bharatmart-` makes `…/bharatmart-search.fifo` and
//! `…/bharatmart-search-dead.fifo`.

use bharatmart_core::queues::Queue;

pub(super) const FIFO: &str = ".fifo";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueUrls {
    prefix: String,
}

impl QueueUrls {
    pub fn new(prefix: impl Into<String>) -> Self {
        QueueUrls { prefix: prefix.into() }
    }

    /// As it was given: what QUEUE_URL_PREFIX is set to.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn of(&self, queue: &Queue) -> String {
        format!("{}{}", self.prefix, Self::name(queue))
    }

    pub fn dead(&self, queue: &Queue) -> String {
        format!("{}{}", self.prefix, Self::dead_name(queue))
    }

    /// What follows the prefix; the templates name the queues by it too.
    pub fn name(queue: &Queue) -> String {
        format!("{}{}", queue.name, suffix(queue))
    }

    pub fn dead_name(queue: &Queue) -> String {
        format!("{}-dead{}", queue.name, suffix(queue))
    }
}

fn suffix(queue: &Queue) -> &'static str {
    if queue.fifo { FIFO } else { "" }
}
