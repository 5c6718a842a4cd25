//! template.yaml: what the functions share (table, queues, bucket, secrets, API, alarms), and a nested stack a service,
//! because CloudFormation allows 500 resources a stack. The functions are in their service's stack.

use bharatmart_adapters::dynamodb::{IndexShape, TableShape, table_shape};
use bharatmart_adapters::sqs::QueueUrls;
use bharatmart_core::queues::{self, Queue};
use bharatmart_runtime::config::{
    ADMIN_PASSWORD, CART_KEY, CODE_KEY, CURSOR_KEY, REFRESH_KEY, SEALING_KEY, TOKEN_KEYS, WEBHOOK_KEY,
};

use crate::catalogue::{Catalogue, logical_id};
use crate::grants::queue_arn;
use crate::service;
use crate::yaml::{Yaml, attribute, choose, reference, substitute};
use crate::{list, map};

/// SQS's longest: two weeks to look at what failed.
const DEAD_LETTERS_KEPT_S: i64 = 14 * 24 * 3600;

pub fn template(catalogue: &Catalogue) -> Yaml {
    map! {
        "AWSTemplateFormatVersion" => "2010-09-09",
        "Transform" => "AWS::Serverless-2016-10-31",
        "Description" => "BharatMart, an online shop",
        "Parameters" => parameters(),
        "Rules" => map! {
            "ProductionSendsMail" => map! {
                "RuleCondition" => Yaml::Tag("!Equals", Box::new(list![reference("AppEnv"), "production"])),
                "Assertions" => list![
                    map! {
                        "Assert" => not_equal("MailType", "files"),
                        "AssertDescription" => "In production set MailType=ses, or smtp with the secret <stack>/smtp-url",
                    },
                    map! {
                        "Assert" => not_equal("MailFrom", service::MAIL_FROM),
                        "AssertDescription" => "In production set MailFrom: an address of the shop's own",
                    },
                ],
            },
        },
        "Conditions" => map! {
            "IsProduction" => Yaml::Tag("!Equals", Box::new(list![reference("AppEnv"), "production"])),
            "HasPublicUrl" => not_equal("PublicUrl", ""),
            "TellsOfAlarms" => not_equal("AlarmTopicArn", ""),
        },
        "Resources" => resources(catalogue),
        "Outputs" => outputs(),
    }
}

fn not_equal(parameter: &str, value: &str) -> Yaml {
    let equals = Yaml::Tag("!Equals", Box::new(list![reference(parameter), value]));
    Yaml::Tag("!Not", Box::new(list![equals]))
}

fn parameters() -> Yaml {
    let mut parameters = service::shared_parameters();
    parameters.push("AlarmTopicArn", text("", "An SNS topic that is told of alarms; none when empty"));
    parameters.push("RequestsPerSecond", number(1000, "What the API takes of all callers together, beyond it 429"));
    parameters.push("RequestBurst", number(2000, "How many requests may come at once"));
    parameters
}

pub fn text(default: &str, description: &str) -> Yaml {
    map! { "Type" => "String", "Default" => default, "Description" => description }
}

fn number(default: u32, description: &str) -> Yaml {
    map! { "Type" => "Number", "Default" => default, "MinValue" => 1, "Description" => description }
}

fn resources(catalogue: &Catalogue) -> Yaml {
    let mut resources =
        map! { "Table" => table(&table_shape()), "Files" => bucket(), "FilesPolicy" => bucket_policy() };
    for queue in queues::ALL {
        let id = logical_id(queue.name);
        resources.push(format!("{id}Queue"), queue_with_dead_letters(queue));
        resources.push(format!("{id}DeadLetters"), dead_letters(queue));
    }
    resources.push("CursorKey", secret(CURSOR_KEY, "Signs the cursors of lists"));
    resources.push("TokenKeys", token_key());
    resources
        .push("RefreshKey", secret(REFRESH_KEY, "Refresh tokens are derived with the first line, every line verifies"));
    resources.push("CodeKey", secret(CODE_KEY, "Codes and links are derived with the first line"));
    resources.push("SealingKey", secret(SEALING_KEY, "The first line seals, every line opens"));
    resources.push("CartKey", secret(CART_KEY, "The first line seals the tokens of guests' carts, every line opens"));
    resources
        .push("WebhookKey", secret(WEBHOOK_KEY, "Webhooks of the payment provider are signed with the first line"));
    resources.push("AdminPassword", secret(ADMIN_PASSWORD, "The first admin's, until that admin chooses another"));
    resources.push("Api", api());
    resources.push("ApiStage", stage());
    resources.push("ApiLogs", service::log_group("api"));
    for service in catalogue.services() {
        resources.push(service::stack_id(service), service::nested(catalogue, service));
    }
    for queue in queues::ALL {
        let id = logical_id(queue.name);
        resources.push(format!("{id}DeadLettersAlarm"), dead_letters_alarm(queue));
        resources.push(format!("{id}QueueAlarm"), waiting_alarm(queue));
    }
    resources.push("ApiAlarm", api_alarm());
    resources
}

fn table(shape: &TableShape) -> Yaml {
    let keys = |partition: &str, sort: &str| {
        list![
            map! { "AttributeName" => partition, "KeyType" => "HASH" },
            map! { "AttributeName" => sort, "KeyType" => "RANGE" },
        ]
    };
    let string = |name: &&str| map! { "AttributeName" => *name, "AttributeType" => "S" };
    let of_indexes = shape.indexes.iter().flat_map(|index| [index.partition_key, index.sort_key]);
    let attributes: Vec<_> = [shape.partition_key, shape.sort_key].into_iter().chain(of_indexes).collect();
    let index = |index: &IndexShape| {
        let projected: Vec<Yaml> = index.projected.iter().map(|name| Yaml::from(*name)).collect();
        map! {
            "IndexName" => index.name,
            "KeySchema" => keys(index.partition_key, index.sort_key),
            "Projection" => map! { "ProjectionType" => "INCLUDE", "NonKeyAttributes" => projected },
        }
    };
    map! {
        "Type" => "AWS::DynamoDB::Table",
        "DeletionPolicy" => "RetainExceptOnCreate",
        "UpdateReplacePolicy" => "Retain",
        "Properties" => map! {
            "BillingMode" => "PAY_PER_REQUEST",
            "AttributeDefinitions" => attributes.iter().map(string).collect::<Vec<_>>(),
            "KeySchema" => keys(shape.partition_key, shape.sort_key),
            "GlobalSecondaryIndexes" => shape.indexes.iter().map(index).collect::<Vec<_>>(),
            "TimeToLiveSpecification" => map! { "AttributeName" => shape.ttl, "Enabled" => true },
            "PointInTimeRecoverySpecification" => map! { "PointInTimeRecoveryEnabled" => true },
            "SSESpecification" => map! { "SSEEnabled" => true, "SSEType" => "KMS" },
            "DeletionProtectionEnabled" => choose("IsProduction", true.into(), false.into()),
        },
    }
}

/// No version is kept: the index publishes new files and takes the old away, and what is in it can be made anew.
fn bucket() -> Yaml {
    let unfinished = map! {
        "Id" => "unfinished-uploads",
        "Status" => "Enabled",
        "AbortIncompleteMultipartUpload" => map! { "DaysAfterInitiation" => 1 },
    };
    let encryption = map! { "ServerSideEncryptionByDefault" => map! { "SSEAlgorithm" => "AES256" } };
    map! {
        "Type" => "AWS::S3::Bucket",
        "DeletionPolicy" => "RetainExceptOnCreate",
        "UpdateReplacePolicy" => "Retain",
        "Properties" => map! {
            "PublicAccessBlockConfiguration" => map! {
                "BlockPublicAcls" => true,
                "BlockPublicPolicy" => true,
                "IgnorePublicAcls" => true,
                "RestrictPublicBuckets" => true,
            },
            "OwnershipControls" => map! { "Rules" => list![map! { "ObjectOwnership" => "BucketOwnerEnforced" }] },
            "BucketEncryption" => map! { "ServerSideEncryptionConfiguration" => list![encryption] },
            "LifecycleConfiguration" => map! { "Rules" => list![unfinished] },
        },
    }
}

fn bucket_policy() -> Yaml {
    let deny = map! {
        "Sid" => "OnlyOverTls",
        "Effect" => "Deny",
        "Principal" => "*",
        "Action" => "s3:*",
        "Resource" => list![attribute("Files.Arn"), substitute("${Files.Arn}/*")],
        "Condition" => map! { "Bool" => map! { "aws:SecureTransport" => "false" } },
    };
    map! {
        "Type" => "AWS::S3::BucketPolicy",
        "Properties" => map! {
            "Bucket" => reference("Files"),
            "PolicyDocument" => map! { "Version" => "2012-10-17", "Statement" => list![deny] },
        },
    }
}

fn queue_with_dead_letters(queue: &Queue) -> Yaml {
    let dead = attribute(&format!("{}DeadLetters.Arn", logical_id(queue.name)));
    let properties = queue_properties(queue, QueueUrls::name(queue))
        .with("VisibilityTimeout", seconds(queue.visibility))
        .with("RedrivePolicy", map! { "deadLetterTargetArn" => dead, "maxReceiveCount" => queue.max_receives });
    map! { "Type" => "AWS::SQS::Queue", "Properties" => properties }
}

fn dead_letters(queue: &Queue) -> Yaml {
    let properties =
        queue_properties(queue, QueueUrls::dead_name(queue)).with("MessageRetentionPeriod", DEAD_LETTERS_KEPT_S);
    map! { "Type" => "AWS::SQS::Queue", "Properties" => properties }
}

fn queue_properties(queue: &Queue, name: String) -> Yaml {
    let mut properties = map! { "QueueName" => substitute(format!("${{AWS::StackName}}-{name}")) };
    if queue.fifo {
        properties.push("FifoQueue", true);
    }
    properties.with("SqsManagedSseEnabled", true)
}

pub fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn secret(name: &str, description: &str) -> Yaml {
    map! {
        "Type" => "AWS::SecretsManager::Secret",
        "Properties" => map! {
            "Name" => substitute(format!("${{AWS::StackName}}/{name}")),
            "Description" => description,
            "GenerateSecretString" => map! { "PasswordLength" => 64, "ExcludePunctuation" => true },
        },
    }
}

/// Its first key; a rotation lists a new one before it.
fn token_key() -> Yaml {
    let generated = map! {
        "SecretStringTemplate" => r#"{"kid":"first"}"#,
        "GenerateStringKey" => "seed",
        "PasswordLength" => 64,
        "ExcludePunctuation" => true,
    };
    map! {
        "Type" => "AWS::SecretsManager::Secret",
        "Properties" => map! {
            "Name" => substitute(format!("${{AWS::StackName}}/{TOKEN_KEYS}")),
            "Description" => "Sign access tokens: the first key signs, every key verifies",
            "GenerateSecretString" => generated,
        },
    }
}

fn api() -> Yaml {
    map! {
        "Type" => "AWS::ApiGatewayV2::Api",
        "Properties" => map! { "Name" => reference("AWS::StackName"), "ProtocolType" => "HTTP" },
    }
}

fn stage() -> Yaml {
    const LOG: &str = concat!(
        r#"{"request_id":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp","#,
        r#""route":"$context.routeKey","path":"$context.path","status":"$context.status","#,
        r#""bytes":"$context.responseLength","took_ms":"$context.responseLatency","#,
        r#""integration_error":"$context.integrationErrorMessage"}"#
    );
    map! {
        "Type" => "AWS::ApiGatewayV2::Stage",
        "Properties" => map! {
            "ApiId" => reference("Api"),
            "StageName" => "$default",
            "AutoDeploy" => true,
            "DefaultRouteSettings" => map! {
                "ThrottlingRateLimit" => reference("RequestsPerSecond"),
                "ThrottlingBurstLimit" => reference("RequestBurst"),
            },
            "AccessLogSettings" => map! { "DestinationArn" => attribute("ApiLogs.Arn"), "Format" => LOG },
        },
    }
}

/// A dead letter is work that was not done: somebody must look.
fn dead_letters_alarm(queue: &Queue) -> Yaml {
    let of = format!("{}DeadLetters.QueueName", logical_id(queue.name));
    alarm(Alarm {
        description: format!("Messages of {} that could not be worked off", queue.name),
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimension: ("QueueName", attribute(&of)),
        statistic: "Maximum",
        over: 0.into(),
        minutes: 1,
    })
}

fn waiting_alarm(queue: &Queue) -> Yaml {
    alarm(Alarm {
        description: format!("The oldest message of {} has waited for five minutes: its worker is stuck", queue.name),
        namespace: "AWS/SQS",
        metric: "ApproximateAgeOfOldestMessage",
        dimension: ("QueueName", attribute(&format!("{}Queue.QueueName", logical_id(queue.name)))),
        statistic: "Maximum",
        over: 300.into(),
        minutes: 5,
    })
}

fn api_alarm() -> Yaml {
    alarm(Alarm {
        description: "More than one request in a hundred fails".to_owned(),
        namespace: "AWS/ApiGateway",
        metric: "5xx",
        dimension: ("ApiId", reference("Api")),
        statistic: "Average",
        over: Yaml::Decimal("0.01"),
        minutes: 5,
    })
}

struct Alarm {
    description: String,
    namespace: &'static str,
    metric: &'static str,
    dimension: (&'static str, Yaml),
    statistic: &'static str,
    over: Yaml,
    minutes: i64,
}

fn alarm(alarm: Alarm) -> Yaml {
    let (name, value) = alarm.dimension;
    map! {
        "Type" => "AWS::CloudWatch::Alarm",
        "Properties" => map! {
            "AlarmDescription" => alarm.description,
            "Namespace" => alarm.namespace,
            "MetricName" => alarm.metric,
            "Dimensions" => list![map! { "Name" => name, "Value" => value }],
            "Statistic" => alarm.statistic,
            "Period" => 60,
            "EvaluationPeriods" => alarm.minutes,
            "Threshold" => alarm.over,
            "ComparisonOperator" => "GreaterThanThreshold",
            "TreatMissingData" => "notBreaching",
            "AlarmActions" => choose("TellsOfAlarms", list![reference("AlarmTopicArn")], reference("AWS::NoValue")),
        },
    }
}

fn outputs() -> Yaml {
    let output = |description: &str, value: Yaml| map! { "Description" => description, "Value" => value };
    let mut outputs = map! {
        "ApiId" => output("The API's id", reference("Api")),
        "ApiUrl" => output("Where the shop answers", attribute("Api.ApiEndpoint")),
        "TableName" => output("The shop's table", reference("Table")),
        "BucketName" => output("The shop's files", reference("Files")),
        "QueueUrlPrefix" => output(
            "A queue's address without its name",
            substitute("https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${AWS::StackName}-"),
        ),
    };
    for queue in queues::ALL {
        let id = logical_id(queue.name);
        outputs.push(
            format!("{id}QueueUrl"),
            output(&format!("The queue {}", queue.name), reference(&format!("{id}Queue"))),
        );
        let dead = reference(&format!("{id}DeadLetters"));
        outputs.push(format!("{id}DeadLettersUrl"), output(&format!("Dead letters of {}", queue.name), dead));
    }
    outputs
}

/// What a service's stack is given, by parameter.
pub fn given(parameter: &str) -> Yaml {
    match parameter {
        "Prefix" => reference("AWS::StackName"),
        "TableName" => reference("Table"),
        "BucketName" => reference("Files"),
        "ApiId" => reference("Api"),
        "PublicUrl" => {
            let own = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}";
            choose("HasPublicUrl", reference("PublicUrl"), substitute(own))
        }
        _ => match queues::ALL.iter().find(|queue| queue_arn(queue.name) == parameter) {
            Some(queue) => attribute(&format!("{}Queue.Arn", logical_id(queue.name))),
            None => reference(parameter),
        },
    }
}
