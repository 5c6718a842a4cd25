//! infra/sam/<service>.yaml: the functions of one service, each with its role, its log and what sets it off.

use bharatmart_core::queues::{self, Queue};
use bharatmart_runtime::Grant;
use bharatmart_runtime::route::Route;

use crate::catalogue::{Catalogue, DEFAULT_PATH, Function, Trigger, logical_id};
use crate::grants::{self, queue_arn};
use crate::root::{given, text};
use crate::yaml::{Yaml, attribute, reference, substitute};
use crate::{list, map};

/// Nobody's: whoever goes to production names their own.
pub const MAIL_FROM: &str = "BharatMart <shop@bharatmart.example>";

pub fn path(service: &str) -> String {
    format!("infra/sam/{service}.yaml")
}

pub fn stack_id(service: &str) -> String {
    format!("{}Functions", logical_id(service))
}

/// Settings of the whole shop: parameters of the root, handed to every service.
pub fn shared_parameters() -> Yaml {
    let choice = |values: &[&str], default: &str, description: &str| {
        let values: Vec<Yaml> = values.iter().map(|value| Yaml::from(*value)).collect();
        map! { "Type" => "String", "Default" => default, "AllowedValues" => values, "Description" => description }
    };
    let days: Vec<Yaml> = [7i64, 14, 30, 90, 365].into_iter().map(Yaml::from).collect();
    map! {
        "AppEnv" => choice(&["staging", "production"], "staging", "production refuses whatever is for development"),
        "Architecture" => choice(&["x86_64", "arm64"], "x86_64", "What the bootstraps in target/lambda were built for"),
        "LogLevel" => choice(&["error", "warn", "info", "debug", "trace"], "info", "The least that is logged"),
        "LogRetentionDays" => map! {
            "Type" => "Number", "Default" => 30, "AllowedValues" => days, "Description" => "How long logs are kept",
        },
        "PublicUrl" => text("", "Where customers reach the shop, https://…; the API's own address when empty"),
        "AdminEmail" => text("admin@bharatmart.example", "Who the first admin is"),
        "OidcIssuers" => text("", "Issuers whose tokens are taken too, as JSON: see .env.example"),
        "MailType" => choice(&["ses", "smtp", "files"], "ses", "files keeps mail in the bucket, for trying things out"),
        "MailFrom" => text(MAIL_FROM, "Whom mail is from; SES must have been shown that its domain is yours"),
        "CorsOrigins" => text("", "Web pages of other origins that may call the API, with commas between"),
        "TenantDomain" => text("", "<tenant>.<domain> is a shop of its own; one shop when empty"),
        "ChaosEnabled" => choice(&["false", "true"], "false", "Whether faults are injected: see docs/chaos.md"),
        "ChaosAllowProduction" => choice(&["false", "true"], "false", "Without it production does not start with faults"),
        "ChaosSeed" => text("1", "Which faults, of those that are planned"),
        "ChaosFailureRate" => text("0", "How many of all calls to a port fail, from 0 to 1"),
        "ChaosLatencyMs" => text("0", "How much longer each call to a port takes"),
        "ChaosPlan" => text("", "What shall go wrong, where, how often and until when, as JSON"),
        "OtlpEndpoint" => text("", "Where traces are sent, by OTLP over HTTP; nowhere when empty"),
    }
}

/// The stack as the root names it.
pub fn nested(catalogue: &Catalogue, service: &str) -> Yaml {
    let mut parameters = map! {};
    for (name, _) in template(catalogue, service).get("Parameters").map(Yaml::entries).unwrap_or_default() {
        parameters.push(name.as_str(), given(name));
    }
    map! {
        "Type" => "AWS::Serverless::Application",
        "Properties" => map! { "Location" => path(service), "Parameters" => parameters },
    }
}

pub fn template(catalogue: &Catalogue, service: &str) -> Yaml {
    let functions: Vec<_> = catalogue.functions().into_iter().filter(|function| function.service == service).collect();
    let mut resources = map! {};
    for function in &functions {
        for (id, resource) in of_function(function) {
            resources.push(id, resource);
        }
    }
    let outputs: Vec<_> = functions
        .iter()
        .map(|function| {
            (format!("{}Arn", function.id()), map! { "Value" => attribute(&format!("{}.Arn", function.id())) })
        })
        .collect();
    map! {
        "AWSTemplateFormatVersion" => "2010-09-09",
        "Transform" => "AWS::Serverless-2016-10-31",
        "Description" => format!("BharatMart: functions of {service}"),
        "Parameters" => parameters(&functions),
        "Globals" => map! { "Function" => globals() },
        "Resources" => resources,
        "Outputs" => Yaml::Map(outputs),
    }
}

fn parameters(functions: &[Function]) -> Yaml {
    let mut parameters = map! { "Prefix" => string(), "TableName" => string() };
    for (name, parameter) in shared_parameters().entries() {
        let kind = parameter.get("Type").cloned().unwrap_or("String".into());
        parameters.push(name.as_str(), map! { "Type" => kind });
    }
    let any = |wanted: &dyn Fn(&Function) -> bool| functions.iter().any(wanted);
    if any(&|function| matches!(function.trigger, Trigger::Route(_))) {
        parameters.push("ApiId", string());
    }
    if any(&|function| grants::settings(function).iter().any(|(name, _)| *name == "BLOBS_BUCKET")) {
        parameters.push("BucketName", string());
    }
    for queue in queues::ALL {
        if any(&|function| function.has(|grant| concerns(grant, queue))) {
            parameters.push(queue_arn(queue.name), string());
        }
    }
    parameters
}

fn concerns(grant: &Grant, queue: &Queue) -> bool {
    match grant {
        Grant::Sends(of) | Grant::Receives(of) => of.name == queue.name,
        Grant::ProbesQueues | Grant::RunsQueues => true,
        _ => false,
    }
}

fn string() -> Yaml {
    map! { "Type" => "String" }
}

fn globals() -> Yaml {
    map! {
        "Runtime" => "provided.al2023",
        "Handler" => "bootstrap",
        "Architectures" => list![reference("Architecture")],
        "Environment" => map! {
            "Variables" => map! {
                "APP_ENV" => reference("AppEnv"),
                "DEPLOYMENT_MODE" => "serverless",
                "DATABASE_TYPE" => "dynamodb",
                "DYNAMODB_TABLE" => reference("TableName"),
                "SECRETS_PROVIDER" => "aws-secrets-manager",
                "SECRETS_PREFIX" => substitute("${Prefix}/"),
                "DATA_DIR" => "/tmp/bharatmart",
                "LOG_LEVEL" => reference("LogLevel"),
                "CORS_ORIGINS" => reference("CorsOrigins"),
                "TENANT_DOMAIN" => reference("TenantDomain"),
                "PUBLIC_URL" => reference("PublicUrl"),
                "ADMIN_EMAIL" => reference("AdminEmail"),
                "OIDC_ISSUERS" => reference("OidcIssuers"),
                "MAIL_TYPE" => reference("MailType"),
                "MAIL_FROM" => reference("MailFrom"),
                // API Gateway holds the rest back.
                "LIMITS" => "edge",
                "CHAOS_ENABLED" => reference("ChaosEnabled"),
                "CHAOS_ALLOW_PRODUCTION" => reference("ChaosAllowProduction"),
                "CHAOS_SEED" => reference("ChaosSeed"),
                "CHAOS_FAILURE_RATE" => reference("ChaosFailureRate"),
                "CHAOS_LATENCY_MS" => reference("ChaosLatencyMs"),
                "CHAOS_PLAN" => reference("ChaosPlan"),
                "OTEL_EXPORTER_OTLP_ENDPOINT" => reference("OtlpEndpoint"),
            },
        },
    }
}

fn of_function(function: &Function) -> Vec<(String, Yaml)> {
    let id = function.id();
    let mut resources = vec![
        (id.clone(), serverless_function(function)),
        (format!("{id}Role"), role(function)),
        (format!("{id}Logs"), log_group(function.name)),
    ];
    match function.trigger {
        Trigger::Route(route) => {
            resources.push((format!("{id}Integration"), integration(&id)));
            resources.push((format!("{id}Route"), api_route(&id, route)));
            resources.push((format!("{id}Permission"), permission(&id, route)));
        }
        Trigger::Queue { queue, batch } => resources.push((format!("{id}Messages"), messages(&id, queue, batch))),
        Trigger::Schedule { .. } | Trigger::Once => {}
    }
    resources
}

fn serverless_function(function: &Function) -> Yaml {
    let id = function.id();
    let mut properties = map! {
        "FunctionName" => substitute(format!("${{Prefix}}-{}", function.name)),
        "Description" => function.summary,
        "CodeUri" => format!("../../target/lambda/{}/", function.name),
        "MemorySize" => function.memory_mb,
        "Timeout" => function.timeout_s,
        "Role" => attribute(&format!("{id}Role.Arn")),
        "LoggingConfig" => map! { "LogGroup" => reference(&format!("{id}Logs")) },
    };
    let mut variables = map! {};
    for (name, value) in grants::settings(function) {
        variables.push(name, value);
    }
    properties.push("Environment", map! { "Variables" => variables });
    if let Trigger::Schedule { every } = function.trigger {
        // The next tick is the retry; EventBridge knows no less than a minute.
        let minutes = every.as_secs().div_ceil(60).max(1);
        let rate = if minutes == 1 { "rate(1 minute)".to_owned() } else { format!("rate({minutes} minutes)") };
        let tick = map! {
            "Type" => "ScheduleV2",
            "Properties" => map! {
                "ScheduleExpression" => rate,
                "RetryPolicy" => map! { "MaximumRetryAttempts" => 0, "MaximumEventAgeInSeconds" => 60 },
            },
        };
        properties.push("Events", map! { "Tick" => tick });
    }
    map! { "Type" => "AWS::Serverless::Function", "Properties" => properties }
}

/// A role of its own: what the function declares, and writing to its own log.
fn role(function: &Function) -> Yaml {
    let lambda = map! {
        "Effect" => "Allow",
        "Principal" => map! { "Service" => "lambda.amazonaws.com" },
        "Action" => "sts:AssumeRole",
    };
    let log = map! {
        "Effect" => "Allow",
        "Action" => list!["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource" => attribute(&format!("{}Logs.Arn", function.id())),
    };
    let mut statements = vec![log];
    statements.extend(grants::statements(function));
    let policy = map! {
        "PolicyName" => function.name,
        "PolicyDocument" => map! { "Version" => "2012-10-17", "Statement" => statements },
    };
    map! {
        "Type" => "AWS::IAM::Role",
        "Properties" => map! {
            "AssumeRolePolicyDocument" => map! { "Version" => "2012-10-17", "Statement" => list![lambda] },
            "Policies" => list![policy],
        },
    }
}

/// Named outside of /aws/lambda: Lambda itself would make one there at a function's first call, and the stack fail.
pub fn log_group(name: &str) -> Yaml {
    let prefix = if name == "api" { "AWS::StackName" } else { "Prefix" };
    map! {
        "Type" => "AWS::Logs::LogGroup",
        "Properties" => map! {
            "LogGroupName" => substitute(format!("/${{{prefix}}}/{name}")),
            "RetentionInDays" => reference("LogRetentionDays"),
        },
    }
}

fn integration(id: &str) -> Yaml {
    map! {
        "Type" => "AWS::ApiGatewayV2::Integration",
        "Properties" => map! {
            "ApiId" => reference("ApiId"),
            "IntegrationType" => "AWS_PROXY",
            "IntegrationUri" => attribute(&format!("{id}.Arn")),
            "PayloadFormatVersion" => "2.0",
        },
    }
}

fn api_route(id: &str, route: &Route) -> Yaml {
    let key =
        if route.path == DEFAULT_PATH { DEFAULT_PATH.to_owned() } else { format!("{} {}", route.method, route.path) };
    map! {
        "Type" => "AWS::ApiGatewayV2::Route",
        "Properties" => map! {
            "ApiId" => reference("ApiId"),
            "RouteKey" => key,
            "Target" => substitute(format!("integrations/${{{id}Integration}}")),
        },
    }
}

fn permission(id: &str, route: &Route) -> Yaml {
    let place = if route.path == DEFAULT_PATH {
        "*".to_owned()
    } else {
        let segment = |segment: &'static str| if segment.starts_with('{') { "*" } else { segment };
        format!("*/{}{}", route.method, route.path.split('/').map(segment).collect::<Vec<_>>().join("/"))
    };
    let api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}";
    map! {
        "Type" => "AWS::Lambda::Permission",
        "Properties" => map! {
            "Action" => "lambda:InvokeFunction",
            "FunctionName" => reference(id),
            "Principal" => "apigateway.amazonaws.com",
            "SourceArn" => substitute(format!("{api}/{place}")),
        },
    }
}

/// No batching window: AWS refuses one on a FIFO queue, and a message should not wait on any.
/// No reserved concurrency either: SQS would count a throttled call as a receive, and good messages would die of it.
fn messages(id: &str, queue: &Queue, batch: u32) -> Yaml {
    let mut properties = map! {
        "FunctionName" => reference(id),
        "EventSourceArn" => reference(&queue_arn(queue.name)),
        "BatchSize" => batch,
        "FunctionResponseTypes" => list!["ReportBatchItemFailures"],
    };
    if !queue.fifo {
        properties.push("ScalingConfig", map! { "MaximumConcurrency" => 10 });
    }
    map! { "Type" => "AWS::Lambda::EventSourceMapping", "Properties" => properties }
}
