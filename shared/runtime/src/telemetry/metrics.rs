//! Metrics, as Prometheus text.

use std::time::Duration;

use bharatmart_adapters::dependency::{BreakerState, DependencyState};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const BUCKETS: &[f64] = &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// `None` when this process counts already.
    pub fn start() -> Option<Self> {
        let durations = Matcher::Suffix("_duration_seconds".to_owned());
        let recorder = PrometheusBuilder::new().set_buckets_for_metric(durations, BUCKETS).ok()?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        metrics::describe_counter!("http_requests_total", "Requests answered.");
        metrics::describe_histogram!("http_request_duration_seconds", "From the request to its answer.");
        metrics::describe_counter!("faults_injected_total", "Faults that were injected on purpose.");
        metrics::describe_counter!("reconciliation_differences_total", "What was found not to add up, by kind.");
        metrics::describe_gauge!(
            "breaker_state",
            "0 while a dependency is asked, 1 while one call tries it, 2 while it is left alone."
        );
        metrics::describe_counter!("retries_total", "Calls to a dependency that were repeated.");
        metrics::describe_gauge!("dependency_calls", "Calls to a dependency that are under way.");
        metrics::describe_counter!(
            "dependency_turned_away_total",
            "Calls that were not made because a dependency had too many to answer."
        );
        Some(Metrics(handle))
    }

    /// With how the dependencies stand as it is asked.
    pub fn text(&self, dependencies: &[DependencyState]) -> String {
        for DependencyState { name, breaker, retries, calls, turned_away } in dependencies {
            let state = match breaker {
                BreakerState::Closed => 0.0,
                BreakerState::HalfOpen => 1.0,
                BreakerState::Open => 2.0,
            };
            metrics::gauge!("breaker_state", "dependency" => name.clone()).set(state);
            metrics::counter!("retries_total", "dependency" => name.clone()).absolute(*retries);
            metrics::gauge!("dependency_calls", "dependency" => name.clone()).set(*calls as f64);
            metrics::counter!("dependency_turned_away_total", "dependency" => name.clone()).absolute(*turned_away);
        }
        self.0.run_upkeep();
        self.0.render()
    }
}

pub fn record_fault(fault: &'static str, port: &'static str, operation: &'static str) {
    metrics::counter!("faults_injected_total", "fault" => fault, "port" => port, "operation" => operation).increment(1);
}

pub fn record_difference(kind: &'static str) {
    metrics::counter!("reconciliation_differences_total", "kind" => kind).increment(1);
}

/// `route` is the declared path, never the path of the request, so that the number of series is bounded.
pub fn record_request(method: &'static str, route: &'static str, status: u16, took: Duration) {
    metrics::counter!(
        "http_requests_total", "method" => method, "route" => route, "status_code" => status.to_string()
    )
    .increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route)
        .record(took.as_secs_f64());
}
