//! One call to a service: each attempt with a limit, tried again while the caller has time. A throttled or conflicting
//! call applied nothing; a lost one may have been applied, so a caller whose call cannot be repeated says so by `once`.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bharatmart_core::ports::Fault;

use crate::budget;
use crate::clash::Backoff;

/// How a call ended when it did not succeed.
#[derive(Debug)]
pub(crate) enum Failed<E> {
    /// The service's answer to this very request, with its HTTP status: the adapter's to read.
    #[cfg_attr(not(feature = "s3"), allow(dead_code, reason = "only S3 has an answer that is told by its status"))]
    Told(E, u16),
    Fault(Fault),
}

impl<E: ProvideErrorMetadata> Failed<E> {
    /// For a caller that expects no answer but the good one.
    pub(crate) fn into_fault(self, port: &'static str) -> Fault {
        match self {
            Failed::Told(error, _) => Fault::broken(port, said(&error)),
            Failed::Fault(fault) => fault,
        }
    }
}

type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// A lost attempt is repeated so often: a connection that went stale while the function was frozen takes one.
const REPEATS: u32 = 2;
/// An attempt may take half of the time that is left, but not less than this.
const LEAST: Duration = Duration::from_millis(300);

const CLASHES: &[&str] = &[
    "ConditionalRequestConflict",
    "OperationAborted",
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// For a call that may be repeated after it was lost.
pub(crate) async fn call<T, E, F>(port: &'static str, attempt: impl Fn() -> F) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(port, REPEATS, |_| None, attempt).await
}

/// For a call whose error may be a clash that only the adapter can read: it answers the cause then.
#[cfg(feature = "dynamodb")]
pub(crate) async fn call_clashing<T, E, F>(
    port: &'static str,
    clash: impl Fn(&E) -> Option<String>,
    attempt: impl Fn() -> F,
) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(port, REPEATS, clash, attempt).await
}

/// For a call that must not be repeated after it was lost.
#[cfg(feature = "s3")]
pub(crate) async fn once<T, E, F>(port: &'static str, attempt: impl Fn() -> F) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(port, 0, |_| None, attempt).await
}

/// What an error means for the next attempt.
enum Trouble<E> {
    Told(E, u16),
    /// Not applied; may pass in a moment.
    Clash(String),
    /// Nobody knows whether it was applied.
    Lost(String),
    Broken(String),
}

async fn run<T, E, F>(
    port: &'static str,
    mut repeats: u32,
    clash: impl Fn(&E) -> Option<String>,
    attempt: impl Fn() -> F,
) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let mut backoff = Backoff::default();
    loop {
        let left = budget::remaining();
        let limit = (left / 2).max(LEAST).min(left);
        let trouble = match tokio::time::timeout(limit, attempt()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => read(error, &clash),
            Err(_) => Trouble::Lost(format!("no answer within {limit:?}")),
        };
        let fault = match trouble {
            Trouble::Told(error, status) => return Err(Failed::Told(error, status)),
            Trouble::Broken(cause) => Fault::broken(port, cause),
            Trouble::Clash(cause) => {
                if backoff.pause().await {
                    continue;
                }
                Fault::busy(port, cause)
            }
            Trouble::Lost(cause) => {
                if repeats > 0 && backoff.pause().await {
                    tracing::debug!(port, cause, "lost, trying again");
                    repeats -= 1;
                    continue;
                }
                Fault::away(port, cause)
            }
        };
        return Err(Failed::Fault(fault));
    }
}

fn read<E>(error: SdkError<E, HttpResponse>, clash: impl Fn(&E) -> Option<String>) -> Trouble<E>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let error = context.into_err();
            match clash(&error) {
                Some(cause) => Trouble::Clash(cause),
                None if CLASHES.contains(&error.code().unwrap_or_default()) => Trouble::Clash(said(&error)),
                None if status >= 500 => Trouble::Lost(said(&error)),
                None => Trouble::Told(error, status),
            }
        }
        SdkError::ConstructionFailure(_) => Trouble::Broken(DisplayErrorContext(error).to_string()),
        other => Trouble::Lost(DisplayErrorContext(other).to_string()),
    }
}

fn said(error: &impl ProvideErrorMetadata) -> String {
    format!("{}: {}", error.code().unwrap_or("unnamed error"), error.message().unwrap_or_default())
}
