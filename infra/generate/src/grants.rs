//! What a declared need allows a function in AWS: IAM statements, as narrow as IAM can say it, and the settings that
//! tell the function where to find what it needs. Nothing a function does not declare is allowed or told.

use std::collections::BTreeMap;

use bharatmart_adapters::sqs::QueueUrls;
use bharatmart_core::queues::{self, Queue};
use bharatmart_runtime::Grant;
use bharatmart_runtime::config::SMTP_URL;

use crate::catalogue::{Function, Trigger, logical_id};
use crate::map;
use crate::yaml::{Yaml, reference, substitute};

/// Actions by resource: two needs of one resource are one statement.
type Allowed = BTreeMap<Resource, Vec<&'static str>>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Resource {
    Table,
    Indexes,
    Queue(&'static str),
    DeadLetters(&'static str),
    SearchFiles,
    SearchFolder,
    Mail,
    /// Whoever SES knows mail may be from.
    Senders,
    Bucket,
    Secret(&'static str),
}

/// Statements for a function's own role, beyond its log.
pub fn statements(function: &Function) -> Vec<Yaml> {
    let mut allowed = Allowed::new();
    let mut allow = |resource: Resource, actions: &[&'static str]| {
        let known = allowed.entry(resource).or_default();
        known.extend(actions);
        known.sort_unstable();
        known.dedup();
    };
    for grant in &function.grants {
        for (resource, actions) in actions(grant) {
            allow(resource, actions);
        }
    }
    if matches!(function.trigger, Trigger::Queue { .. }) {
        // The inbox: which events were applied before.
        allow(Resource::Table, &["dynamodb:BatchGetItem"]);
    }
    allowed.into_iter().map(|(resource, actions)| statement(resource, &actions)).collect()
}

fn actions(grant: &Grant) -> Vec<(Resource, &'static [&'static str])> {
    // Any function with a store reads one row in its init, to have the connection.
    const READ: &[&str] = &["dynamodb:GetItem"];
    const QUERY: &[&str] = &["dynamodb:Query"];
    const UPDATE: &[&str] = &["dynamodb:GetItem", "dynamodb:UpdateItem"];
    const MAKE: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem"];
    const COUNT: &[&str] = &["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"];
    const COMMIT: &[&str] = &[
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ];
    const RECEIVE: &[&str] =
        &["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    const SEND: &[&str] = &["sqs:SendMessage"];
    const LIST: &[&str] = &["s3:ListBucket"];
    const READ_FILES: &[&str] = &["s3:GetObject"];
    const WRITE_FILES: &[&str] = &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
    const SECRET: &[&str] = &["secretsmanager:GetSecretValue"];
    const MAIL: &[&str] = &["ses:SendEmail", "ses:SendRawEmail"];
    const RUN: &[&str] = &["sqs:GetQueueAttributes", "sqs:SendMessage"];
    const TAKE_BACK: &[&str] =
        &["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    const LOOK: &[&str] = &["sqs:GetQueueAttributes"];
    match grant {
        Grant::ReadsCatalog => vec![(Resource::Table, READ), (Resource::Table, QUERY), (Resource::Indexes, QUERY)],
        Grant::Reads(kind) => {
            let mut reads = vec![(Resource::Table, READ)];
            if kind.within.is_some() {
                reads.push((Resource::Table, QUERY));
            }
            if kind.listed || kind.listed_by.is_some() {
                reads.push((Resource::Indexes, QUERY));
            }
            reads
        }
        Grant::ReadsClaims | Grant::ReadsCounters => vec![(Resource::Table, READ)],
        Grant::Counts => vec![(Resource::Table, COUNT)],
        Grant::Commits => vec![(Resource::Table, COMMIT)],
        // Of a user at first sight: the account, its audit entry and its event.
        Grant::KnowsOutsiders => vec![(Resource::Table, MAKE)],
        Grant::ReadsOutbox => vec![(Resource::Table, UPDATE), (Resource::Indexes, QUERY)],
        Grant::TakesLeases => vec![(Resource::Table, UPDATE)],
        // Of what AWS has, the table does it by itself.
        Grant::Forgets => Vec::new(),
        Grant::ProbesStore => vec![(Resource::Table, READ)],
        Grant::Sends(queue) => vec![(Resource::Queue(queue.name), SEND)],
        Grant::Receives(queue) => vec![(Resource::Queue(queue.name), RECEIVE)],
        Grant::RunsQueues => {
            let of = |queue: &&'static Queue| [(Resource::Queue(queue.name), RUN), (dead_letters(queue), TAKE_BACK)];
            queues::ALL.iter().flat_map(of).collect()
        }
        Grant::ProbesQueues => queues::ALL.iter().map(|queue| (Resource::Queue(queue.name), LOOK)).collect(),
        // Without the right to list, a missing file would be told as forbidden.
        Grant::Finds => vec![(Resource::SearchFiles, READ_FILES), (Resource::SearchFolder, LIST)],
        Grant::Indexes => vec![(Resource::SearchFiles, WRITE_FILES), (Resource::SearchFolder, LIST)],
        Grant::ProbesBlobs => vec![(Resource::Bucket, LIST)],
        Grant::Secret(name) => vec![(Resource::Secret(name), SECRET)],
        Grant::IssuesTokens | Grant::Vault => {
            grant.secret().map(|name| (Resource::Secret(name), SECRET)).into_iter().collect()
        }
        Grant::Messages => {
            vec![(Resource::Mail, WRITE_FILES), (Resource::Senders, MAIL), (Resource::Secret(SMTP_URL), SECRET)]
        }
        // In the function's own memory.
        // The mock remembers in the shop's own store, with what its functions declare for that.
        Grant::Caches | Grant::TakesMoney => Vec::new(),
    }
}

fn statement(resource: Resource, actions: &[&'static str]) -> Yaml {
    const HERE: &str = "${AWS::Region}:${AWS::AccountId}";
    const TABLE: &str = "table/${TableName}";
    let in_dynamodb = |what: &str| substitute(format!("arn:${{AWS::Partition}}:dynamodb:{HERE}:{what}"));
    let arn = match resource {
        Resource::Table => in_dynamodb(TABLE),
        Resource::Indexes => in_dynamodb(&format!("{TABLE}/index/*")),
        Resource::Queue(name) => reference(&queue_arn(name)),
        Resource::DeadLetters(name) => {
            substitute(format!("arn:${{AWS::Partition}}:sqs:{HERE}:${{Prefix}}-{}", dead_name(name)))
        }
        Resource::SearchFiles => substitute("arn:${AWS::Partition}:s3:::${BucketName}/search/*"),
        Resource::Mail => substitute("arn:${AWS::Partition}:s3:::${BucketName}/mail/*"),
        Resource::Senders => substitute(format!("arn:${{AWS::Partition}}:ses:{HERE}:identity/*")),
        Resource::SearchFolder | Resource::Bucket => substitute("arn:${AWS::Partition}:s3:::${BucketName}"),
        // Secrets Manager ends a secret's ARN with six letters of its own.
        Resource::Secret(name) => {
            substitute(format!("arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:${{Prefix}}/{name}-??????"))
        }
    };
    let actions: Vec<Yaml> = actions.iter().map(|action| Yaml::from(*action)).collect();
    let mut statement = map! { "Effect" => "Allow", "Action" => actions, "Resource" => arn };
    if resource == Resource::SearchFolder {
        // If it exists: reading a file that is missing asks for the right to list, and names no prefix.
        statement.push("Condition", map! { "StringLikeIfExists" => map! { "s3:prefix" => "search/*" } });
    }
    statement
}

fn dead_letters(queue: &'static Queue) -> Resource {
    Resource::DeadLetters(queue.name)
}

fn dead_name(queue: &str) -> String {
    queues::by_name(queue).map(QueueUrls::dead_name).unwrap_or_default()
}

/// The parameter that carries a queue's ARN into a service's stack.
pub fn queue_arn(name: &str) -> String {
    format!("{}QueueArn", logical_id(name))
}

/// Settings beyond those every function has.
pub fn settings(function: &Function) -> Vec<(&'static str, Yaml)> {
    let queues =
        |grant: &Grant| matches!(grant, Grant::Sends(_) | Grant::Receives(_) | Grant::ProbesQueues | Grant::RunsQueues);
    let blobs = |grant: &Grant| matches!(grant, Grant::Finds | Grant::Indexes | Grant::Messages | Grant::ProbesBlobs);
    let mut settings = Vec::new();
    if function.has(queues) {
        let prefix = "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${Prefix}-";
        settings.push(("WORKER_MODE", "sqs".into()));
        settings.push(("QUEUE_URL_PREFIX", substitute(prefix)));
    } else {
        settings.push(("WORKER_MODE", "none".into()));
    }
    if function.has(blobs) {
        settings.push(("BLOBS_TYPE", "s3".into()));
        settings.push(("BLOBS_BUCKET", reference("BucketName")));
    }
    settings
}
