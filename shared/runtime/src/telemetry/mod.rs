//! Logs, traces and metrics: set up once a process.

mod collector;
mod metrics;
mod otlp;
mod trace;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use self::metrics::{Metrics, record_difference, record_fault, record_request};
pub use self::otlp::{Finished, Traces};
pub use self::trace::TraceContext;

use crate::config::Config;

/// Where log lines go: a Lambda's are read from its standard output; a server hands in a writer that does not wait.
pub enum LogTo {
    Stdout,
    Writer(Box<dyn Fn() -> Box<dyn std::io::Write> + Send + Sync>),
}

/// One JSON line an event, and spans over OTLP when their endpoint is set. Called twice it does nothing.
pub fn start(config: &Config, function: &str, to: LogTo) -> Traces {
    // Targets, not EnvFilter: nobody filters by fields, and those take a regex engine into each function.
    let libraries = ["aws", "h2", "hyper", "rustls", "tantivy"].map(|library| (library, LevelFilter::WARN));
    let filter = Targets::new().with_default(config.log_level).with_targets(libraries);
    let json = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false).with_span_list(false);
    let log = match to {
        LogTo::Stdout => json.with_writer(std::io::stdout).boxed(),
        LogTo::Writer(make) => json.with_writer(make).boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(log.with_filter(filter));
    // Tests open several apps in one process: the first one's subscriber stays.
    let _already_started = subscriber.try_init();
    Traces::start(config.otlp_endpoint.as_deref(), function)
}
