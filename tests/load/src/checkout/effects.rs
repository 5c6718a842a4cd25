//! What the workers make of it: how long they are behind, and when each mail was written.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::messages::{Looked, kept};
use bharatmart_core::Timestamp;

use super::Market;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Idle {
    /// `None`: they were not done while anybody waited.
    pub after: Option<Duration>,
    pub dead_letters: u64,
}

/// Waits until nothing lies ready on a queue and nothing is worked on. What is delayed on purpose, a webhook or a later
/// look at a payment, is not waited for.
pub async fn idle(market: &Market) -> Idle {
    let begun = Instant::now();
    loop {
        let queues = market.web.get(&market.admin, "/api/v1/ops/queues").await;
        let queues = queues.unwrap_or_else(|error| panic!("the queues could not be looked at: {error}"));
        let sum = |figure: &str| -> u64 {
            let figures = queues["data"].as_array().into_iter().flatten().map(|queue| queue[figure].as_u64());
            figures.map(Option::unwrap_or_default).sum()
        };
        let done = sum("ready") + sum("in_flight") == 0;
        if done || begun.elapsed() > PATIENCE {
            return Idle { after: done.then(|| begun.elapsed()), dead_letters: sum("dead") };
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// When the mail that tells of its confirmation was written, by the number of the order.
pub async fn mails(folder: &Path) -> HashMap<String, Timestamp> {
    let blobs = FileBlobs::open(folder.join("blobs")).unwrap_or_else(|fault| panic!("{fault}"));
    let mails = kept(&blobs, Looked::All, usize::MAX).await.unwrap_or_else(|fault| panic!("{fault}"));
    let of_order = |subject: &str| subject.strip_prefix("Order ")?.strip_suffix(" is confirmed").map(str::to_owned);
    mails.iter().filter_map(|mail| Some((of_order(&mail.subject)?, mail.at))).collect()
}
