//! Who runs the functions: this process, or Lambda through its API. Both are given the same call and answer alike.

mod call;
mod event;
mod in_process;
mod lambda;

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bharatmart_runtime::{App, Worker};
use bytes::Bytes;
use http::Response;
use http_body_util::Full;

pub use call::Call;
pub use event::{ACCOUNT, REGION};
pub use in_process::InProcess;
pub use lambda::Lambda;

use crate::gateway::Answer;

pub enum Backend {
    InProcess(InProcess),
    Lambda(Box<Lambda>),
}

impl Backend {
    pub async fn answer(&self, app: &App, call: Call) -> Answer {
        match self {
            Backend::InProcess(here) => here.answer(call).await,
            Backend::Lambda(lambda) => lambda.answer(app, call).await,
        }
    }

    /// Whether the worker can take a batch. Asked before messages are taken, since one that is received too often
    /// while nobody could work on it would be a dead letter.
    pub async fn ready(&self, worker: &'static Worker) -> Result<(), String> {
        match self {
            Backend::InProcess(_) => Ok(()),
            Backend::Lambda(lambda) => lambda.batch(worker, &SqsEvent::default()).await.map(drop),
        }
    }

    /// The worker's answer, or why there is none: it crashed, or nobody runs it.
    pub async fn batch(&self, worker: &'static Worker, event: SqsEvent) -> Result<SqsBatchResponse, String> {
        match self {
            Backend::InProcess(here) => here.batch(worker, event).await,
            Backend::Lambda(lambda) => lambda.batch(worker, &event).await,
        }
    }

    pub async fn tick(&self, app: &App, worker: &'static Worker) -> Result<(), String> {
        match self {
            Backend::InProcess(here) => here.tick(worker).await,
            Backend::Lambda(lambda) => lambda.tick(app, worker).await,
        }
    }
}

/// A function's answer as it goes out, without a copy of its body.
pub fn full(response: Response<lambda_http::Body>) -> Answer {
    response.map(|body| {
        Full::new(match body {
            lambda_http::Body::Text(text) => Bytes::from(text),
            lambda_http::Body::Binary(bytes) => Bytes::from(bytes),
            _ => Bytes::new(),
        })
    })
}

fn time_out(worker: &Worker) -> Duration {
    Duration::from_secs(u64::from(worker.timeout_s))
}
