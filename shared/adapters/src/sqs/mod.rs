//! The queue on SQS. Visibility, the count of receives and the move to the dead letters are SQS's own; a queue's
//! address is a setting. Workers on Lambda are fed by SQS itself and need only the sending half.

mod create;
mod send;
mod urls;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message as SqsMessage, MessageSystemAttributeName, QueueAttributeName};
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::{self, Queue};
use futures_util::future::try_join;

use crate::aws::{Failed, call};
use crate::budget;
use crate::dependency::{Dependency, Depends};

pub use create::create_queues;
pub use urls::QueueUrls;

const PORT: &str = "queue";
/// SQS's limits.
const MOST_AT_ONCE: usize = 10;
const LONGEST_POLL: Duration = Duration::from_secs(20);
const LONGEST_VISIBILITY: Duration = Duration::from_secs(12 * 60 * 60);

const ID: &str = "id";
const TRACEPARENT: &str = "traceparent";

/// What SQS says to a receipt whose delivery has run out, or whose message has been given to another since.
const STALE: &[&str] = &[
    "InvalidParameterValue",
    "MessageNotInflight",
    "AWS.SimpleQueueService.MessageNotInflight",
    "ReceiptHandleIsInvalid",
];

pub struct SqsQueueing {
    client: Client,
    urls: QueueUrls,
    dependency: Arc<Dependency>,
}

impl SqsQueueing {
    /// Nobody is called before the first message.
    pub fn new(config: &SdkConfig, urls: QueueUrls) -> Self {
        SqsQueueing { client: Client::new(config), urls, dependency: Arc::new(Dependency::new("sqs", PORT)) }
    }

    async fn take(&self, url: &str, most: usize, wait: Duration, hidden: Duration) -> Result<Vec<Received>, Fault> {
        let wait = wait.min(LONGEST_POLL);
        // A FIFO queue gives a repeated receive the same messages, and not the wait for them to come back.
        let attempt = url.ends_with(urls::FIFO).then(|| format!("{:032x}", rand::random::<u128>()));
        let receive = || {
            self.client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(most.clamp(1, MOST_AT_ONCE) as i32)
                .wait_time_seconds(seconds(wait))
                .visibility_timeout(seconds(hidden.min(LONGEST_VISIBILITY)))
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
                .message_attribute_names("All")
                .set_receive_request_attempt_id(attempt.clone())
                .send()
        };
        // An attempt may take half of a budget, and SQS the whole wait.
        let patience = budget::remaining().max((wait + Duration::from_secs(2)) * 2);
        let received = budget::within(patience, call(&self.dependency, receive)).await.map_err(fault)?;
        received.messages.unwrap_or_default().into_iter().map(read).collect()
    }

    async fn count(&self, url: &str) -> Result<Waiting, Fault> {
        let ask = || {
            self.client
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
                .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
                .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
                .send()
        };
        let told = call(&self.dependency, ask).await.map_err(fault)?;
        let figure = |name: QueueAttributeName| {
            told.attributes().and_then(|all| all.get(&name)).and_then(|figure| figure.parse().ok()).unwrap_or(0)
        };
        Ok(Waiting {
            ready: figure(QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: figure(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            delayed: figure(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
            dead: 0,
        })
    }

    async fn delete(&self, url: &str, receipt: &str) -> Result<(), Fault> {
        let delete = || self.client.delete_message().queue_url(url).receipt_handle(receipt).send();
        unless_stale(call(&self.dependency, delete).await)
    }
}

#[async_trait]
impl Queueing for SqsQueueing {
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        self.send_all(queue, messages, false).await
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        self.take(&self.urls.of(queue), most, wait, queue.visibility).await
    }

    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
        self.delete(&self.urls.of(queue), receipt).await
    }

    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
        let url = self.urls.of(queue);
        let wait = seconds(wait.min(LONGEST_VISIBILITY));
        let change = || {
            let change = self.client.change_message_visibility().queue_url(&url).receipt_handle(receipt);
            change.visibility_timeout(wait).send()
        };
        unless_stale(call(&self.dependency, change).await)
    }

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
        let (url, dead) = (self.urls.of(queue), self.urls.dead(queue));
        let (waiting, dead) = try_join(self.count(&url), self.count(&dead)).await?;
        Ok(Waiting { dead: dead.ready + dead.in_flight + dead.delayed, ..waiting })
    }

    /// SQS shows ten at most.
    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
        self.take(&self.urls.dead(queue), most, Duration::ZERO, Duration::ZERO).await
    }

    /// By hand, and not by a move task of SQS: that one runs on after the answer and cannot tell how many there were.
    /// A letter is taken from the dead after it has been sent, so it may come twice and never not at all.
    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
        const MARGIN: Duration = Duration::from_secs(1);
        let dead = self.urls.dead(queue);
        let mut moved = 0;
        while budget::remaining() > MARGIN {
            let letters = self.take(&dead, MOST_AT_ONCE, Duration::ZERO, Duration::from_secs(60)).await?;
            if letters.is_empty() {
                break;
            }
            let messages: Vec<_> = letters.iter().map(|letter| letter.message.clone()).collect();
            self.send_all(queue, &messages, true).await?;
            for letter in &letters {
                self.delete(&dead, &letter.receipt).await?;
                moved += 1;
            }
        }
        Ok(moved)
    }

    async fn probe(&self) -> Result<(), Fault> {
        match queues::ALL.first() {
            Some(queue) => self.count(&self.urls.of(queue)).await.map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Depends for SqsQueueing {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}

fn fault<E: ProvideErrorMetadata>(failed: Failed<E>) -> Fault {
    failed.into_fault(PORT)
}

fn unless_stale<T, E: ProvideErrorMetadata>(answer: Result<T, Failed<E>>) -> Result<(), Fault> {
    match answer {
        Err(Failed::Told(error, _)) if error.code().is_some_and(|code| STALE.contains(&code)) => Ok(()),
        answer => answer.map(|_| ()).map_err(fault),
    }
}

/// Whole seconds, which is what SQS counts in: a wait is rounded up, so that it is never cut short.
fn seconds(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

fn read(message: SqsMessage) -> Result<Received, Fault> {
    let missing = |what: &str| Fault::broken(PORT, format!("a message without {what}"));
    let attribute =
        |name: &str| message.message_attributes().and_then(|all| all.get(name)).and_then(|value| value.string_value());
    let figure = |name: MessageSystemAttributeName| -> Option<i64> { message.attributes()?.get(&name)?.parse().ok() };
    let receives = figure(MessageSystemAttributeName::ApproximateReceiveCount).unwrap_or(1);
    let sent_at = figure(MessageSystemAttributeName::SentTimestamp).unwrap_or_default();
    let id = attribute(ID).or(message.message_id()).ok_or_else(|| missing("an id"))?;
    Ok(Received {
        message: Message {
            id: id.to_owned(),
            body: message.body().ok_or_else(|| missing("a body"))?.to_owned(),
            traceparent: attribute(TRACEPARENT).map(str::to_owned),
            delay: Duration::ZERO,
        },
        receipt: message.receipt_handle().ok_or_else(|| missing("a receipt"))?.to_owned(),
        receives: u32::try_from(receives).unwrap_or(u32::MAX),
        sent_at: Timestamp::from_millis(sent_at),
    })
}
