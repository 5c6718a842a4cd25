//! Alive, ready, and how each dependency is.

pub mod live;
pub mod ready;
pub mod show;

use bharatmart_runtime::app::Probed;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
struct Dependency {
    name: &'static str,
    /// `up` or `down`.
    status: &'static str,
    took_ms: f64,
}

impl From<&Probed> for Dependency {
    /// What went wrong stays in the log: it may name hosts and users.
    fn from(probed: &Probed) -> Self {
        if let Some(error) = &probed.error {
            tracing::warn!(dependency = probed.name, error, "a dependency is down");
        }
        let status = if probed.error.is_none() { "up" } else { "down" };
        Dependency { name: probed.name, status, took_ms: probed.took.as_micros() as f64 / 1_000.0 }
    }
}
