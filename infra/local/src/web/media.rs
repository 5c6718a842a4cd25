//! Pictures, from the blobs.

use bharatmart_runtime::{App, Problem, etag};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use super::page;
use crate::gateway::{Answer, refusal};

/// A picture may change under its name; whoever asks again after this has its ETag.
const CACHE: &str = "public, max-age=3600";
/// A drawing may hold a script. Opened by itself, it runs nothing and reaches nothing.
const DRAWING: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// `None` when there is no such picture.
pub async fn answer(app: &App, parts: &Parts, key: &str) -> Option<Answer> {
    let blobs = app.ports().blobs?;
    if !page::is_plain(key) {
        return None;
    }
    let blob = match blobs.get(&format!("media/{key}")).await {
        Ok(blob) => blob?,
        Err(fault) => {
            tracing::warn!(key, error = %fault, "a picture cannot be read");
            let request_id = bharatmart_runtime::dispatch::request_id(&parts.headers, app);
            return Some(refusal(app, &parts.headers, &Problem::from(fault), &request_id));
        }
    };
    let tag = format!("\"{}\"", blob.etag.0.trim_matches('"'));
    let given = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let kind = page::kind_of(key);
    let mut response = match given.is_some_and(|given| etag::matches(given, &tag)) {
        true => page::answer(StatusCode::NOT_MODIFIED, kind, Bytes::new()),
        false => page::answer(StatusCode::OK, kind, blob.bytes),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if kind == "image/svg+xml" {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DRAWING));
    }
    Some(response)
}
