//! One worker a queue or schedule.

pub mod admin_create;
pub mod notification_sender;
pub mod outbox_sweeper;
mod search_categories;
pub mod search_indexer;
pub mod search_rebuild;

use bharatmart_runtime::Worker;

pub const WORKERS: &[&Worker] = &[
    &notification_sender::WORKER,
    &search_indexer::WORKER,
    &search_rebuild::WORKER,
    &outbox_sweeper::WORKER,
    &admin_create::WORKER,
];
