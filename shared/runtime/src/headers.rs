//! The headers every answer carries, and CORS by allow-list.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

static FIXED: [(HeaderName, HeaderValue); 6] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, X-Cart-Token, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed",
);
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Idempotency-Key, X-Request-Id, \
     X-Cart-Token, X-CSRF-Token, X-Session-Mode, traceparent",
);

pub fn security(headers: &mut HeaderMap) {
    for (name, value) in &FIXED {
        headers.insert(name.clone(), value.clone());
    }
}

/// Answers to an origin of the allow-list may be read there; to another, nothing is said.
pub fn cors(headers: &mut HeaderMap, origin: Option<&HeaderValue>, allowed: &[String], preflight: bool) {
    if allowed.is_empty() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else { return };
    if !allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    // Without this a browser could not read an answer it was allowed to fetch.
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
