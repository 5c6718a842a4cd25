//! One call to a service: each attempt with a limit, tried again while the caller has time. A throttled or conflicting
//! call applied nothing; a lost one may have been applied, so a caller whose call cannot be repeated says so by `once`.
//! What is lost or throttled is repeated as far as the dependency allows; a conflict is of few callers, and passes.

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
use crate::dependency::{Dependency, NoAnswer};

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
    "TransactionConflictException",
    "TransactionInProgressException",
];
const THROTTLES: &[&str] = &[
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Why nothing was applied, though it may be in a moment.
pub(crate) enum Hindrance {
    /// Others want the same.
    Clash(String),
    /// There are too many calls.
    Throttled(String),
}

/// For a call that may be repeated after it was lost.
pub(crate) async fn call<T, E, F>(dependency: &Dependency, attempt: impl Fn() -> F) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(dependency, REPEATS, |_| None, attempt).await
}

/// For a call whose error may be a hindrance that only the adapter can read: it tells which then.
#[cfg(feature = "dynamodb")]
pub(crate) async fn call_clashing<T, E, F>(
    dependency: &Dependency,
    hindrance: impl Fn(&E) -> Option<Hindrance>,
    attempt: impl Fn() -> F,
) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(dependency, REPEATS, hindrance, attempt).await
}

/// For a call that must not be repeated after it was lost.
#[cfg(feature = "s3")]
pub(crate) async fn once<T, E, F>(dependency: &Dependency, attempt: impl Fn() -> F) -> Result<T, Failed<E>>
where
    F: Future<Output = Answer<T, E>>,
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    run(dependency, 0, |_| None, attempt).await
}

/// What an error means for the next attempt.
enum Trouble<E> {
    Told(E, u16),
    Hindered(Hindrance),
    /// Nobody knows whether it was applied.
    Lost(Fault),
    Broken(String),
}

async fn run<T, E, F>(
    dependency: &Dependency,
    mut repeats: u32,
    hindrance: impl Fn(&E) -> Option<Hindrance>,
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
        let asking = async { attempt().await.map_err(|error| read(error, dependency.port(), &hindrance)) };
        let trouble = match dependency.ask(limit, asking, |answer| matches!(answer, Err(Trouble::Lost(_)))).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(trouble)) => trouble,
            Err(NoAnswer::TooLate(fault)) => Trouble::Lost(fault),
            Err(NoAnswer::NotAsked(fault)) => return Err(Failed::Fault(fault)),
        };
        let port = dependency.port();
        let fault = match trouble {
            Trouble::Told(error, status) => return Err(Failed::Told(error, status)),
            Trouble::Broken(cause) => Fault::broken(port, cause),
            Trouble::Hindered(Hindrance::Clash(cause)) => {
                if backoff.pause().await {
                    continue;
                }
                Fault::busy(port, cause)
            }
            Trouble::Hindered(Hindrance::Throttled(cause)) => {
                if dependency.may_retry() && backoff.pause().await {
                    continue;
                }
                Fault::busy(port, cause)
            }
            Trouble::Lost(fault) => {
                if repeats > 0 && dependency.may_retry() && backoff.pause().await {
                    tracing::debug!(error = %fault, "lost, trying again");
                    repeats -= 1;
                    continue;
                }
                fault
            }
        };
        return Err(Failed::Fault(fault));
    }
}

fn read<E>(
    error: SdkError<E, HttpResponse>,
    port: &'static str,
    hindrance: impl Fn(&E) -> Option<Hindrance>,
) -> Trouble<E>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let error = context.into_err();
            let code = error.code().unwrap_or_default();
            match hindrance(&error) {
                Some(hindrance) => Trouble::Hindered(hindrance),
                None if CLASHES.contains(&code) => Trouble::Hindered(Hindrance::Clash(said(&error))),
                None if THROTTLES.contains(&code) => Trouble::Hindered(Hindrance::Throttled(said(&error))),
                None if status >= 500 => Trouble::Lost(Fault::away(port, said(&error))),
                None => Trouble::Told(error, status),
            }
        }
        SdkError::ConstructionFailure(_) => Trouble::Broken(DisplayErrorContext(error).to_string()),
        other => Trouble::Lost(Fault::away(port, DisplayErrorContext(other))),
    }
}

fn said(error: &impl ProvideErrorMetadata) -> String {
    format!("{}: {}", error.code().unwrap_or("unnamed error"), error.message().unwrap_or_default())
}
