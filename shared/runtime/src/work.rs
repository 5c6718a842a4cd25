//! The whole of a worker's binary.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::batch::Runner;
use crate::dispatch::until;
use crate::serve::{FLUSH, start};
use crate::worker::{Job, Worker};

/// Kept back from the deadline, for answering which messages failed.
const MARGIN: Duration = Duration::from_millis(1_200);

pub fn work(worker: &'static Worker) -> ExitCode {
    start(worker.name, worker.needs, move |app, traces, concurrent| {
        Box::pin(async move {
            let runner = Arc::new(Runner { app, traces });
            let handler = service_fn(move |event: LambdaEvent<Value>| {
                let runner = runner.clone();
                async move {
                    let answer = once(&runner, worker, event).await;
                    runner.traces.flush(FLUSH).await;
                    answer
                }
            });
            if concurrent { lambda_runtime::run_concurrent(handler).await } else { lambda_runtime::run(handler).await }
        })
    })
}

async fn once(
    runner: &Runner,
    worker: &'static Worker,
    event: LambdaEvent<Value>,
) -> Result<Value, lambda_runtime::Error> {
    let left = until(event.context.deadline, worker.timeout_s, runner.app.clock.as_ref()).saturating_sub(MARGIN);
    match &worker.job {
        Job::Queue { .. } => {
            let event: SqsEvent = serde_json::from_value(event.payload)?;
            Ok(serde_json::to_value(runner.batch(worker, event, left).await)?)
        }
        Job::Schedule { .. } | Job::Once { .. } => {
            runner.tick(worker, left).await?;
            Ok(Value::Null)
        }
    }
}
