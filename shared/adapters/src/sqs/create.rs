//! Making the queues with their dead letters: for tests and local emulators; in AWS the template does it.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_types::error::display::DisplayErrorContext;
use bharatmart_core::ports::Fault;
use bharatmart_core::queues::Queue;

use super::{PORT, QueueUrls, seconds};

/// Makes the queues, their names beginning with `prefix`, and tells where they are. Safe to run twice.
pub async fn create_queues(config: &SdkConfig, prefix: &str, queues: &[&Queue]) -> Result<QueueUrls, Fault> {
    let client = Client::new(config);
    let mut beginning = None;
    for queue in queues {
        let dead = create(&client, queue, &format!("{prefix}{}", QueueUrls::dead_name(queue)), None).await?;
        let name = QueueUrls::name(queue);
        let url = create(&client, queue, &format!("{prefix}{name}"), Some(&arn(&client, &dead).await?)).await?;
        beginning = url.strip_suffix(&name).map(str::to_owned);
    }
    beginning.map(QueueUrls::new).ok_or_else(|| Fault::broken(PORT, "no queue's address ends with its name"))
}

async fn create(client: &Client, queue: &Queue, name: &str, dead: Option<&str>) -> Result<String, Fault> {
    let mut create = client
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, seconds(queue.visibility).to_string());
    if queue.fifo {
        create = create.attributes(QueueAttributeName::FifoQueue, "true");
    }
    if let Some(arn) = dead {
        let policy = serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": queue.max_receives });
        create = create.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    let created = create.send().await.map_err(failed)?;
    created.queue_url.ok_or_else(|| Fault::broken(PORT, "a queue without an address"))
}

async fn arn(client: &Client, url: &str) -> Result<String, Fault> {
    let ask = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let told = ask.send().await.map_err(failed)?;
    let arn = told.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn)).cloned();
    arn.ok_or_else(|| Fault::broken(PORT, "a queue without an ARN"))
}

fn failed(error: impl std::error::Error) -> Fault {
    Fault::broken(PORT, DisplayErrorContext(error))
}
