//! What API Gateway lets in: the size of head and body, and how long a body may take.

use std::time::Duration;

use bharatmart_runtime::Problem;
use bytes::Bytes;
use http::request::Parts;
use http::uri::Authority;
use http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

/// Request line and headers together.
const MAX_HEAD: usize = 10_240;
pub const MAX_BODY: usize = 10 * 1024 * 1024;
const BODY_LIMIT: Duration = Duration::from_secs(30);

pub fn check_head(parts: &Parts) -> Result<(), Problem> {
    let line = parts.method.as_str().len() + parts.uri.path().len() + parts.uri.query().map_or(0, str::len) + 12;
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if line + headers > MAX_HEAD {
        let detail = format!("The request line and headers are larger than {MAX_HEAD} bytes.");
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail));
    }
    if let Some(host) = parts.headers.get(header::HOST)
        && !host.to_str().is_ok_and(|host| host.parse::<Authority>().is_ok())
    {
        return Err(Problem::bad_request("host_invalid", "The Host header is no host name."));
    }
    Ok(())
}

pub async fn read_body(body: Incoming) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_LIMIT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Problem::bad_request("body_unreadable", format!("The body could not be read: {error}."))),
        Err(_) => {
            let detail = "The body did not arrive in time.";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail))
        }
    }
}

fn too_large() -> Problem {
    let detail = format!("The body is larger than {MAX_BODY} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}
