//! The functions in this process, called directly.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Dispatcher, Runner, Worker};
use futures_util::FutureExt;

use super::{Call, full, time_out};
use crate::gateway::Answer;

pub struct InProcess {
    dispatcher: Dispatcher,
    runner: Runner,
}

/// Kept back from a worker's time, for answering which messages failed.
const MARGIN: Duration = Duration::from_millis(500);

impl InProcess {
    pub fn new(app: Arc<App>, traces: Traces) -> Self {
        let dispatcher = Dispatcher { app: app.clone(), traces: traces.clone() };
        InProcess { dispatcher, runner: Runner { app, traces } }
    }

    pub async fn answer(&self, call: Call) -> Answer {
        let route = call.route;
        let request = call.into_request(self.dispatcher.app.clock.now());
        full(self.dispatcher.answer(route, request).await)
    }

    pub async fn batch(&self, worker: &'static Worker, event: SqsEvent) -> Result<SqsBatchResponse, String> {
        let left = time_out(worker);
        let work = self.runner.batch(worker, event, left.saturating_sub(MARGIN));
        bounded(left, work).await
    }

    pub async fn tick(&self, worker: &'static Worker) -> Result<(), String> {
        let left = time_out(worker);
        let work = self.runner.tick(worker, left.saturating_sub(MARGIN));
        bounded(left, work).await?.map_err(|fault| fault.to_string())
    }
}

/// Ended by its time-out or a panic, as Lambda would end it.
async fn bounded<T>(left: Duration, work: impl Future<Output = T>) -> Result<T, String> {
    match tokio::time::timeout(left, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(_)) => Err("the worker panicked".to_owned()),
        Err(_) => Err(format!("the worker was ended after {} s", left.as_secs())),
    }
}
