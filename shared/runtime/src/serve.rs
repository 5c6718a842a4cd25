//! The whole of a route's binary: settings, ports, and Lambda's loop. Not generic: fifty binaries share it.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lambda_http::{Request, service_fn};

use crate::app::App;
use crate::config::Config;
use crate::dispatch::Dispatcher;
use crate::limits;
use crate::need::Need;
use crate::route::Route;
use crate::telemetry::{self, LogTo, Traces};

pub fn serve(route: &'static Route) -> ExitCode {
    start(route.name, &needs(route), move |app, traces, concurrent| {
        Box::pin(async move {
            let dispatcher = Arc::new(Dispatcher { app, traces });
            let handler = service_fn(move |request: Request| {
                let dispatcher = dispatcher.clone();
                async move {
                    let response = dispatcher.answer(route, request).await;
                    dispatcher.traces.flush(FLUSH).await;
                    Ok::<_, lambda_http::Error>(response)
                }
            });
            if concurrent { lambda_http::run_concurrent(handler).await } else { lambda_http::run(handler).await }
        })
    })
}

/// Beyond what a route declares: what checking its caller takes, and counting its requests.
pub fn needs(route: &Route) -> Vec<Need> {
    let gate = route.access.gate().map_or(&[][..], |gate| gate.needs);
    let mut needs = [route.needs, gate].concat();
    needs.extend(limits::need(route.limit));
    needs
}

/// A collector that is slow holds up no answer for longer.
pub(crate) const FLUSH: Duration = Duration::from_millis(150);

/// Runs on the thread that started it.
pub(crate) type Loop = futures_util::future::LocalBoxFuture<'static, Result<(), lambda_http::Error>>;

pub(crate) fn start(
    function: &'static str,
    needs: &[Need],
    run: impl FnOnce(Arc<App>, Traces, bool) -> Loop,
) -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => Arc::new(config),
        Err(mistakes) => return refuse(function, &mistakes.to_string()),
    };
    // One request at a time needs one thread; Lambda's managed instances send many.
    let concurrent = config.aws.max_concurrency > 1;
    let mut builder = if concurrent {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(function, &error.to_string()),
    };
    runtime.block_on(async {
        let traces = telemetry::start(&config, function, LogTo::Stdout);
        config.log_start(function);
        let app = match App::open(config, needs).await {
            Ok(app) => Arc::new(app),
            Err(fault) => return refuse(function, &fault.to_string()),
        };
        app.inject_faults();
        app.warm(needs).await;
        let ended = until_told_to_stop(run(app.clone(), traces.clone(), concurrent)).await;
        app.close().await;
        traces.flush(Duration::from_secs(2)).await;
        match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse(function, &error.to_string()),
        }
    })
}

/// Lambda says SIGTERM before it takes an instance away (when an extension is there), servers always do.
async fn until_told_to_stop(work: Loop) -> Result<(), lambda_http::Error> {
    tokio::select! {
        ended = work => ended,
        () = stop_signal() => Ok(()),
    }
}

pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = |kind: SignalKind| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        match signal(kind) {
            Ok(mut signal) => Box::pin(async move {
                signal.recv().await;
            }),
            Err(_) => Box::pin(std::future::pending()),
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}

/// Before there is a log, a person or Lambda reads standard error.
#[allow(clippy::print_stderr, reason = "a start that fails must say why, whatever the log level")]
fn refuse(function: &str, why: &str) -> ExitCode {
    eprintln!("{function} does not start: {why}");
    ExitCode::FAILURE
}
