//! A worker's declaration, and what its handler is given: events from a queue in batches, the tick of a schedule, or the
//! call of whoever sets the shop up.

use std::time::Duration;

use bharatmart_core::Event;
use bharatmart_core::ports::Fault;
use bharatmart_core::queues::Queue;
use futures_util::future::BoxFuture;

use crate::context::WorkCtx;
use crate::need::Need;

pub struct Worker {
    /// The function, its binary and, in the inbox, the consumer.
    pub name: &'static str,
    pub service: &'static str,
    pub summary: &'static str,
    pub job: Job,
    pub needs: &'static [Need],
    pub memory_mb: u32,
    pub timeout_s: u32,
}

pub enum Job {
    /// Events of a queue, at most `batch` at once.
    Queue {
        queue: &'static Queue,
        batch: u32,
        handler: BatchHandler,
    },
    Schedule {
        every: Duration,
        handler: TickHandler,
    },
    /// Called by hand or by a deployment. May be called again, and then finds its work done.
    Once {
        handler: TickHandler,
    },
}

pub type BatchHandler = for<'a> fn(&'a WorkCtx, Vec<Delivery>) -> BoxFuture<'a, Vec<(Delivery, Verdict)>>;
pub type TickHandler = for<'a> fn(&'a WorkCtx) -> BoxFuture<'a, Result<(), Fault>>;

/// An event as it was delivered.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event: Event,
    /// SQS's id of the message: what a partial failure names.
    pub message_id: String,
    pub receipt: String,
    pub receives: u32,
}

impl From<&Fault> for Verdict {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Away { .. } | Fault::Busy { .. } => Verdict::Later(fault.to_string()),
            Fault::Broken { .. } => Verdict::Failed(fault.to_string()),
        }
    }
}

/// What came of a delivery.
#[derive(Debug)]
pub enum Verdict {
    Done,
    /// Something it needs is away or busy: given out again after a wait that outlasts a short outage.
    Later(String),
    /// Did not work, and likely never will: given out again soon, so that it is a dead letter soon.
    Failed(String),
}
