//! One worker a queue or schedule.

pub mod admin_create;
pub mod analytics_counter;
pub mod mock_provider;
pub mod notification_sender;
pub mod order_keeper;
pub mod outbox_sweeper;
pub mod payment_keeper;
pub mod payments_reconciler;
pub mod payments_sweeper;
pub mod reservations_release;
mod search_categories;
pub mod search_indexer;
pub mod search_rebuild;
pub mod stock_keeper;

use bharatmart_runtime::Worker;

pub const WORKERS: &[&Worker] = &[
    &notification_sender::WORKER,
    &search_indexer::WORKER,
    &search_rebuild::WORKER,
    &stock_keeper::WORKER,
    &order_keeper::WORKER,
    &payment_keeper::WORKER,
    &analytics_counter::WORKER,
    &mock_provider::WORKER,
    &payments_sweeper::WORKER,
    &payments_reconciler::WORKER,
    &reservations_release::WORKER,
    &outbox_sweeper::WORKER,
    &admin_create::WORKER,
];
