//! How a page or file goes out: its type, what it may load, how long it may be kept, and 304 for one who has it.

use bharatmart_runtime::etag;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use twox_hash::XxHash3_64;

use crate::gateway::Answer;

/// Nothing from elsewhere, no script in the page itself.
pub const OWN_ONLY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

pub fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OWN_ONLY));
    response
}

pub fn html(body: impl Into<Bytes>) -> Answer {
    answer(StatusCode::OK, "text/html; charset=utf-8", body)
}

/// Somebody's mail: with the looks it brings along, and nothing that runs or calls elsewhere.
pub fn mail(body: String) -> Answer {
    const LOOKS_ONLY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";
    let mut answer = html(body);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LOOKS_ONLY));
    answer
}

pub fn text(body: &str) -> Answer {
    answer(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", body.to_owned())
}

/// A file with an ETag: 304 to one who has it already.
pub fn file(parts: &Parts, kind: &'static str, cache: &'static str, bytes: Vec<u8>) -> Answer {
    let tag = format!("\"{:016x}\"", XxHash3_64::oneshot(&bytes));
    let known = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = match known.is_some_and(|given| etag::matches(given, &tag)) {
        true => answer(StatusCode::NOT_MODIFIED, kind, Bytes::new()),
        false => answer(StatusCode::OK, kind, bytes),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// What the pages written here have in common; each asks for it under its own path.
pub fn shared(name: &str) -> Option<Answer> {
    let content = match name {
        "style.css" => include_str!("style.css"),
        "icon.svg" => include_str!("icon.svg"),
        _ => return None,
    };
    Some(answer(StatusCode::OK, kind_of(name), content))
}

pub fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "eml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether every segment is a plain name: nothing hidden, nothing upwards, nothing encoded.
pub fn is_plain(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    path.split('/').all(|segment| !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_but_down() {
        assert!(is_plain("assets/index-4f2a.js"));
        for path in ["../secret", "a/../b", ".env", "a//b", "a/%2e%2e/b", "", "a\\b", "a/"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
