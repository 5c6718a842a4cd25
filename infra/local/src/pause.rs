//! Waiting that ends when the local cloud does.

use std::time::Duration;

use tokio::sync::watch;

pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that nobody is left who could tell to stop.
    let _stopped = stop.wait_for(|stop| *stop).await;
}

/// Answers whether to go on.
pub async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(wait) => true,
        () = stopped(stop) => false,
    }
}
