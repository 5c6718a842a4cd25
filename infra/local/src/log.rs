//! Log lines to standard output by a thread of their own, so that no request waits for a terminal or a pipe.

use std::io::{BufWriter, Write};

use bharatmart_runtime::telemetry::LogTo;
use tracing_appender::non_blocking;
use tracing_appender::non_blocking::WorkerGuard;

/// The guard writes what is left when it is dropped.
pub fn to_stdout() -> (LogTo, WorkerGuard) {
    let (writer, guard) = non_blocking(BufWriter::with_capacity(64 * 1024, std::io::stdout()));
    let make = move || Box::new(writer.clone()) as Box<dyn Write>;
    (LogTo::Writer(Box::new(make)), guard)
}
