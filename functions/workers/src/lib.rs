//! One worker a queue or schedule.

pub mod outbox_sweeper;
pub mod search_indexer;

use bharatmart_runtime::Worker;

pub const WORKERS: &[&Worker] = &[&search_indexer::WORKER, &outbox_sweeper::WORKER];
