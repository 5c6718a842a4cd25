//! Sending in batches. SQS may take some of a batch and not the others; those are sent again.

use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use bharatmart_core::ports::{Fault, Message};
use bharatmart_core::queues::Queue;

use super::{ID, MOST_AT_ONCE, PORT, SqsQueueing, TRACEPARENT, fault, seconds};
use crate::aws::call;
use crate::clash::Backoff;

/// Below SQS's limit for a batch, attributes included.
const MOST_BYTES: usize = 240 * 1024;

impl SqsQueueing {
    /// `anew` for messages a FIFO queue may have seen within the last five minutes and shall take all the same.
    pub(super) async fn send_all(&self, queue: &'static Queue, messages: &[Message], anew: bool) -> Result<(), Fault> {
        let url = self.urls.of(queue);
        for batch in batches(messages) {
            let entries = batch.iter().enumerate().map(|(nth, message)| entry(queue, nth, message, anew));
            self.send_batch(&url, entries.collect::<Result<_, _>>()?).await?;
        }
        Ok(())
    }

    async fn send_batch(&self, url: &str, mut entries: Vec<SendMessageBatchRequestEntry>) -> Result<(), Fault> {
        let mut backoff = Backoff::default();
        loop {
            let send = || self.client.send_message_batch().queue_url(url).set_entries(Some(entries.clone())).send();
            let failed = call(&self.dependency, send).await.map_err(fault)?.failed;
            if let Some(ours) = failed.iter().find(|failed| failed.sender_fault()) {
                return Err(Fault::broken(PORT, format!("{}: {}", ours.code(), ours.message().unwrap_or_default())));
            }
            let Some(first) = failed.first() else { return Ok(()) };
            if !(self.dependency.may_retry() && backoff.pause().await) {
                return Err(Fault::away(PORT, format!("{} messages were not taken: {}", failed.len(), first.code())));
            }
            entries.retain(|entry| failed.iter().any(|failed| failed.id() == entry.id()));
        }
    }
}

fn batches(messages: &[Message]) -> Vec<&[Message]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (nth, message) in messages.iter().enumerate() {
        let size = size(message);
        if nth > start && (nth - start == MOST_AT_ONCE || bytes + size > MOST_BYTES) {
            batches.push(&messages[start..nth]);
            (start, bytes) = (nth, 0);
        }
        bytes += size;
    }
    if start < messages.len() {
        batches.push(&messages[start..]);
    }
    batches
}

/// With room for the names and types of the attributes.
fn size(message: &Message) -> usize {
    message.body.len() + message.id.len() + message.traceparent.as_ref().map_or(0, String::len) + 64
}

fn entry(queue: &Queue, nth: usize, message: &Message, anew: bool) -> Result<SendMessageBatchRequestEntry, Fault> {
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id(nth.to_string())
        .message_body(&message.body)
        .message_attributes(ID, text(&message.id)?);
    if let Some(traceparent) = &message.traceparent {
        entry = entry.message_attributes(TRACEPARENT, text(traceparent)?);
    }
    entry = match (queue.fifo, anew) {
        (false, _) => entry.delay_seconds(seconds(message.delay)),
        (true, false) => entry.message_group_id(queue.name).message_deduplication_id(&message.id),
        (true, true) => {
            let token = format!("{}-{:016x}", message.id, rand::random::<u64>());
            entry.message_group_id(queue.name).message_deduplication_id(token)
        }
    };
    entry.build().map_err(|error| Fault::broken(PORT, error))
}

fn text(text: &str) -> Result<MessageAttributeValue, Fault> {
    let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
    value.map_err(|error| Fault::broken(PORT, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn messages(sizes: &[usize]) -> Vec<Message> {
        let message = |size: &usize| Message {
            id: "evt".to_owned(),
            body: "x".repeat(*size),
            traceparent: None,
            delay: Duration::ZERO,
        };
        sizes.iter().map(message).collect()
    }

    fn lengths(sizes: &[usize]) -> Vec<usize> {
        batches(&messages(sizes)).iter().map(|batch| batch.len()).collect()
    }

    #[test]
    fn a_batch_holds_ten_messages_and_no_more_than_sqs_takes_at_once() {
        assert_eq!(lengths(&[]), Vec::<usize>::new());
        assert_eq!(lengths(&[1; 23]), [10, 10, 3]);
        assert_eq!(lengths(&[100_000; 5]), [2, 2, 1]);
        assert_eq!(lengths(&[250_000, 1]), [1, 1]);
    }
}
