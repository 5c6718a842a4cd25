//! The frontend's built files. A path that is no file is a page of the shop, which the browser's own router shows.

use std::path::Path;

use http::header;
use http::request::Parts;

use super::page;
use crate::gateway::Answer;

pub async fn answer(dist: &Path, parts: &Parts) -> Option<Answer> {
    let path = parts.uri.path().trim_start_matches('/');
    if page::is_plain(path)
        && let Ok(bytes) = tokio::fs::read(dist.join(path)).await
    {
        // The build names its assets by their content.
        let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        return Some(page::file(parts, page::kind_of(path), cache, bytes));
    }
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if !path.is_empty() && !accept.contains("text/html") {
        return None;
    }
    let bytes = tokio::fs::read(dist.join("index.html")).await.ok()?;
    Some(page::file(parts, page::kind_of("index.html"), "no-cache", bytes))
}
