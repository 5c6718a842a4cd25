//! The queues' event source, as SQS and Lambda have it: takes messages in batches, gives them to the worker, and
//! forgets those that did not fail. A failed one stays hidden for as long as the worker chose; after a crash all of
//! them come back when their visibility time ends.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage, SqsMessageAttribute};
use bharatmart_adapters::budget;
use bharatmart_core::ports::{Queueing, Received};
use bharatmart_core::queues::Queue;
use bharatmart_runtime::{App, Job, Worker};
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backend::{ACCOUNT, Backend, REGION};
use crate::pause::{pause, stopped};

/// One long poll.
const POLL: Duration = Duration::from_secs(10);
/// Batches of one queue at once; of a FIFO queue there is one.
const POLLERS: usize = 2;

/// Polls the queue of every worker that has one, until told to stop.
pub fn start(
    tasks: &mut JoinSet<()>,
    app: &Arc<App>,
    backend: &Arc<Backend>,
    workers: &[&'static Worker],
    stop: &watch::Receiver<bool>,
) {
    let Some(queueing) = app.ports().queue else { return };
    for worker in workers {
        let Job::Queue { queue, batch, .. } = &worker.job else { continue };
        for _ in 0..if queue.fifo { 1 } else { POLLERS } {
            let source = Source {
                app: app.clone(),
                backend: backend.clone(),
                queueing: queueing.clone(),
                worker,
                queue,
                batch: *batch as usize,
            };
            tasks.spawn(source.run(stop.clone()));
        }
    }
}

struct Source {
    app: Arc<App>,
    backend: Arc<Backend>,
    queueing: Arc<dyn Queueing>,
    worker: &'static Worker,
    queue: &'static Queue,
    batch: usize,
}

impl Source {
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut outage = Outage::default();
        let mut ready = false;
        loop {
            let turn = async {
                if !ready {
                    self.backend.ready(self.worker).await.map_err(|why| format!("{}: {why}", self.worker.name))?;
                }
                let receive = self.queueing.receive(self.queue, self.batch, POLL);
                budget::within(POLL + Duration::from_secs(5), receive).await.map_err(|fault| fault.to_string())
            };
            let received = tokio::select! {
                received = turn => received,
                () = stopped(&mut stop) => return,
            };
            match received {
                Ok(batch) => {
                    outage.over(self.queue);
                    ready = batch.is_empty() || self.work(batch).await;
                }
                Err(why) => {
                    outage.goes_on(self.queue, &why);
                    pause(outage.back_off(&self.app), &mut stop).await;
                }
            }
        }
    }

    /// Answers whether the worker answered.
    async fn work(&self, received: Vec<Received>) -> bool {
        match self.backend.batch(self.worker, event(self.queue, &received)).await {
            Ok(answer) => {
                // Together: the queue takes them in one go.
                join_all(done(&received, &answer).into_iter().map(|delivery| self.forget(delivery))).await;
                true
            }
            Err(reason) => {
                let (function, messages) = (self.worker.name, received.len());
                tracing::error!(function, messages, reason, "a batch was not answered; it comes back");
                false
            }
        }
    }

    async fn forget(&self, delivery: &Received) {
        let work = self.queueing.done(self.queue, &delivery.receipt);
        if let Err(fault) = budget::within(Duration::from_secs(5), work).await {
            let (queue, message_id) = (self.queue.name, &delivery.message.id);
            tracing::warn!(queue, message_id, error = %fault, "a message that is done will be given out again");
        }
    }
}

/// While the queue or its worker is away: told of once, tried again ever more slowly.
#[derive(Default)]
struct Outage(u32);

impl Outage {
    fn goes_on(&mut self, queue: &Queue, why: &str) {
        if self.0 == 0 {
            tracing::error!(queue = queue.name, error = why, "the queue is not worked on; trying until it can be");
        }
        self.0 += 1;
    }

    fn over(&mut self, queue: &Queue) {
        if self.0 > 0 {
            tracing::info!(queue = queue.name, tries = self.0, "the queue is worked on again");
        }
        self.0 = 0;
    }

    /// Full jitter under a ceiling that doubles, up to five seconds.
    fn back_off(&self, app: &App) -> Duration {
        let ceiling = (100u64 << self.0.min(6)).min(5_000);
        Duration::from_millis(50 + app.random.below(ceiling))
    }
}

/// What is not named failed is done. A name that is not of the batch fails all of it, as SQS has it.
fn done<'a>(received: &'a [Received], answer: &SqsBatchResponse) -> Vec<&'a Received> {
    let failed: HashSet<&str> = answer.batch_item_failures.iter().map(|item| item.item_identifier.as_str()).collect();
    let known: HashSet<&str> = received.iter().map(|delivery| delivery.message.id.as_str()).collect();
    if !failed.is_subset(&known) {
        tracing::error!("a worker named a message it was not given; the whole batch comes back");
        return Vec::new();
    }
    received.iter().filter(|delivery| !failed.contains(delivery.message.id.as_str())).collect()
}

pub fn event(queue: &Queue, received: &[Received]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = received.iter().map(|delivery| record(queue, delivery)).collect();
    event
}

fn record(queue: &Queue, delivery: &Received) -> SqsMessage {
    let message = &delivery.message;
    let sent = delivery.sent_at.millis().to_string();
    let mut attributes = HashMap::from([
        ("ApproximateReceiveCount".to_owned(), delivery.receives.to_string()),
        ("SentTimestamp".to_owned(), sent),
    ]);
    if queue.fifo {
        attributes.insert("MessageGroupId".to_owned(), queue.name.to_owned());
        attributes.insert("MessageDeduplicationId".to_owned(), message.id.clone());
    }
    let mut record = SqsMessage::default();
    record.message_id = Some(message.id.clone());
    record.receipt_handle = Some(delivery.receipt.clone());
    record.body = Some(message.body.clone());
    record.attributes = attributes;
    if let Some(traceparent) = &message.traceparent {
        let mut attribute = SqsMessageAttribute::default();
        attribute.string_value = Some(traceparent.clone());
        attribute.data_type = Some("String".to_owned());
        record.message_attributes.insert("traceparent".to_owned(), attribute);
    }
    let suffix = if queue.fifo { ".fifo" } else { "" };
    record.event_source = Some("aws:sqs".to_owned());
    record.event_source_arn = Some(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}{suffix}", queue.name));
    record.aws_region = Some(REGION.to_owned());
    record
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::BatchItemFailure;
    use bharatmart_core::Timestamp;
    use bharatmart_core::ports::Message;
    use bharatmart_core::queues::SEARCH;

    use super::*;

    fn delivery(id: &str) -> Received {
        let traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
        Received {
            message: Message { id: id.to_owned(), body: "{}".to_owned(), traceparent, delay: Duration::ZERO },
            receipt: format!("receipt of {id}"),
            receives: 2,
            sent_at: Timestamp::from_millis(1_790_000_000_123),
        }
    }

    fn failing(ids: &[&str]) -> SqsBatchResponse {
        let mut answer = SqsBatchResponse::default();
        for id in ids {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = (*id).to_owned();
            answer.batch_item_failures.push(failure);
        }
        answer
    }

    #[test]
    fn only_what_did_not_fail_is_done() {
        let batch = [delivery("a"), delivery("b"), delivery("c")];
        let ids = |answer| done(&batch, &answer).iter().map(|of| of.message.id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids(failing(&[])), ["a", "b", "c"]);
        assert_eq!(ids(failing(&["b"])), ["a", "c"]);
        assert_eq!(ids(failing(&["a", "b", "c"])), [""; 0]);
    }

    #[test]
    fn a_name_nobody_knows_fails_the_whole_batch() {
        let batch = [delivery("a"), delivery("b")];
        assert!(done(&batch, &failing(&["z"])).is_empty());
        assert!(done(&batch, &failing(&[""])).is_empty());
    }

    #[test]
    fn a_record_tells_what_sqs_would() {
        let record = serde_json::to_value(record(&SEARCH, &delivery("a"))).unwrap();
        assert_eq!(record["messageId"], "a");
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "2");
        assert_eq!(record["attributes"]["SentTimestamp"], "1790000000123");
        assert_eq!(record["attributes"]["MessageGroupId"], "search");
        assert_eq!(record["messageAttributes"]["traceparent"]["dataType"], "String");
        assert_eq!(record["eventSourceARN"], "arn:aws:sqs:ap-south-1:000000000000:search.fifo");
    }
}
