//! The functions as Lambda functions, called through the Lambda API: that of `cargo lambda watch`, or any other.

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bharatmart_runtime::dispatch::{self, method_name};
use bharatmart_runtime::telemetry::record_request;
use bharatmart_runtime::{App, Problem, Worker};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{Call, event, time_out};
use crate::gateway::{Answer, refusal};

pub struct Lambda {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
    watched: Option<(String, String)>,
}

/// Lambda's own limit of what goes in and what comes out.
const MAX_PAYLOAD: usize = 6 * 1024 * 1024;
/// The first call of `cargo lambda watch` also starts the function.
const START: Duration = Duration::from_secs(20);
/// API Gateway waits no longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why an invocation gave no payload.
enum Failed {
    TooLarge,
    Away(String),
    Busy(String),
    TimedOut,
    Function(String),
}

impl Lambda {
    /// `watched` is one function and where that one runs instead.
    pub fn new(endpoint: &str, watched: Option<(String, String)>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(30)).build(connector);
        Lambda { client, endpoint: endpoint.to_owned(), watched }
    }

    pub async fn answer(&self, app: &App, call: Call) -> Answer {
        let begun = Instant::now();
        let (route, asked) = (call.route, call.parts.headers.clone());
        let method = call.parts.method.clone();
        let request_id = dispatch::request_id(&asked, app);
        let limit = (Duration::from_secs(u64::from(route.timeout_s)) + START).min(PATIENCE);
        let event = event::http_request(call, &request_id, app.clock.now());
        let answer = match self.invoke(route.name, &event, limit).await {
            Ok(payload) => event::http_answer(&payload).map_err(Failed::Function),
            Err(failed) => Err(failed),
        };
        let response = answer.unwrap_or_else(|failed| {
            let problem = problem(failed);
            if problem.status.is_server_error() {
                tracing::error!(
                    function = route.name,
                    request_id,
                    cause = problem.cause,
                    "no answer from the function"
                );
            }
            refusal(app, &asked, &problem, &request_id)
        });
        // The function logs the request; figures are gathered here, since a function's own nobody scrapes.
        record_request(method_name(&method), route.path, response.status().as_u16(), begun.elapsed());
        response
    }

    pub async fn batch(&self, worker: &'static Worker, event: &SqsEvent) -> Result<SqsBatchResponse, String> {
        let payload = self.invoke(worker.name, event, time_out(worker) + START).await.map_err(reason)?;
        batch_answer(&payload)
    }

    pub async fn tick(&self, app: &App, worker: &'static Worker) -> Result<(), String> {
        let event = event::tick(worker, &app.ids.uuid().to_string(), app.clock.now());
        self.invoke(worker.name, &event, time_out(worker) + START).await.map(drop).map_err(reason)
    }

    async fn invoke(&self, function: &str, event: &impl serde::Serialize, limit: Duration) -> Result<Bytes, Failed> {
        let payload = serde_json::to_vec(event).map_err(|error| Failed::Function(error.to_string()))?;
        if payload.len() > MAX_PAYLOAD {
            return Err(Failed::TooLarge);
        }
        let elsewhere = self.watched.as_ref().filter(|(watched, _)| watched == function);
        let endpoint = elsewhere.map_or(&self.endpoint, |(_, endpoint)| endpoint).trim_end_matches('/');
        let url = format!("{endpoint}/2015-03-31/functions/{function}/invocations");
        let request = Request::post(url).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Full::from(payload)).map_err(|error| Failed::Function(error.to_string()))?;
        let work = async {
            let response = self.client.request(request).await.map_err(|error| Failed::Away(error.to_string()))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_PAYLOAD).collect().await;
            let body = body.map_err(|error| Failed::Away(error.to_string()))?.to_bytes();
            match parts.status {
                StatusCode::TOO_MANY_REQUESTS => Err(Failed::Busy(text(&body))),
                status if !status.is_success() => Err(Failed::Function(format!("{status}: {}", text(&body)))),
                _ if parts.headers.contains_key("x-amz-function-error") || is_error(&body) => {
                    Err(Failed::Function(text(&body)))
                }
                _ => Ok(body),
            }
        };
        tokio::time::timeout(limit, work).await.unwrap_or(Err(Failed::TimedOut))
    }
}

/// `cargo lambda watch` answers a crash with 200; the payload tells.
fn is_error(payload: &[u8]) -> bool {
    serde_json::from_slice::<Value>(payload).is_ok_and(|value| value.get("errorType").is_some())
}

fn batch_answer(payload: &[u8]) -> Result<SqsBatchResponse, String> {
    // No answer, `null` and `{}` say that all went well.
    match serde_json::from_slice::<Value>(payload) {
        _ if payload.is_empty() => Ok(SqsBatchResponse::default()),
        Ok(value) if value.get("batchItemFailures").is_none() => Ok(SqsBatchResponse::default()),
        Ok(value) => serde_json::from_value(value).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn problem(failed: Failed) -> Problem {
    match failed {
        Failed::TooLarge => {
            let detail = "The request is larger than a function takes.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
        }
        Failed::Away(cause) => Problem::unavailable("unavailable", "The shop does not answer just now.", cause),
        Failed::Busy(cause) => Problem::unavailable("busy", "Too many want the same thing at once.", cause),
        Failed::TimedOut => Problem::unavailable(
            "deadline_exceeded",
            "The answer took too long; it is not known whether it was done.",
            "the function did not answer in time",
        ),
        Failed::Function(cause) => Problem::internal(cause),
    }
}

fn reason(failed: Failed) -> String {
    problem(failed).cause.map_or_else(|| "the event is larger than a function takes".to_owned(), String::from)
}

/// As much as a log line should carry.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(1_000)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_answers_nothing_has_done_all() {
        for payload in ["", "null", "{}"] {
            assert!(batch_answer(payload.as_bytes()).unwrap().batch_item_failures.is_empty());
        }
        let some = batch_answer(br#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#).unwrap();
        assert_eq!(some.batch_item_failures[0].item_identifier, "a");
        assert!(batch_answer(b"<html>").is_err());
    }

    #[test]
    fn a_crash_is_told_from_an_answer_by_its_payload() {
        assert!(is_error(br#"{"errorType":"Runtime.ExitError","errorMessage":"exit status 101"}"#));
        assert!(!is_error(br#"{"statusCode":200}"#));
    }
}
