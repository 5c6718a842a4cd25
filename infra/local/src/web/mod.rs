//! The pages around the API: the shop's files, pictures, the API's page, figures, and what happens inside. Nothing of
//! it is fetched from elsewhere.

mod api_docs;
mod files;
mod home;
mod inside;
mod mail;
mod media;
mod page;

use std::path::PathBuf;

use bharatmart_runtime::App;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Metrics;
use http::Method;
use http::request::Parts;

use crate::gateway::Answer;

pub struct Web {
    metrics: Option<Metrics>,
    frontend: PathBuf,
    /// `/_local` shows what customers did; it is there where nobody else can reach the shop.
    inside: bool,
}

impl Web {
    pub fn new(config: &Config, metrics: Option<Metrics>) -> Self {
        Web { metrics, frontend: config.local.frontend_dir.clone(), inside: config.app_env.is_private() }
    }

    /// `None` for what is not one of these pages: the `$default` function answers it.
    pub async fn answer(&self, app: &App, parts: &Parts) -> Option<Answer> {
        let path = parts.uri.path();
        if path.starts_with("/api/") {
            return None;
        }
        if self.inside
            && (path == "/_local" || path.starts_with("/_local/"))
            && let Some(page) = inside::answer(app, parts).await
        {
            return Some(page);
        }
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return None;
        }
        if let Some(key) = path.strip_prefix("/media/") {
            return media::answer(app, parts, key).await;
        }
        match path {
            "/metrics" => Some(page::text(&self.metrics.as_ref()?.text(&app.dependencies()))),
            _ if path.starts_with("/docs/") => api_docs::answer(&self.frontend, path).await,
            _ if path.starts_with("/_local") => None,
            _ => match files::answer(&self.frontend.join("dist"), parts).await {
                Some(file) => Some(file),
                None => home::answer(path, self.inside),
            },
        }
    }
}
