use std::time::Duration;

use bharatmart_adapters::memory::NoQueue;
use bharatmart_core::ports::{Fault, Queueing, Waiting};

use super::worlds::{PLAIN, messages};

#[tokio::test]
async fn without_workers_nothing_is_taken_so_that_events_stay_in_the_outbox() {
    let sent = NoQueue.send(&PLAIN, &messages(0..1)).await;
    assert!(matches!(sent, Err(Fault::Away { .. })), "{sent:?}");
    assert!(NoQueue.send(&PLAIN, &[]).await.is_ok());
    assert_eq!(NoQueue.receive(&PLAIN, 10, Duration::ZERO).await.unwrap(), []);
    assert_eq!(NoQueue.waiting(&PLAIN).await.unwrap(), Waiting::default());
    assert!(NoQueue.probe().await.is_ok());
}
