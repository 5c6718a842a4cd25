//! Fetches an issuer's keys, over TLS or in the clear, where the settings allow it.

use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::dependency::Dependency;
use bharatmart_core::ports::Fault;
use http::{Request, StatusCode, header};
use hyper::body::Bytes;

use crate::http1::{self, Failed};

pub(super) const PORT: &str = "issuer";
const LIMIT: Duration = Duration::from_secs(2);
/// A key is a few hundred bytes.
const LARGEST: usize = 256 * 1024;

pub(super) async fn fetch(dependency: &Dependency, url: &str) -> Result<Bytes, Fault> {
    let limit = LIMIT.min(budget::remaining());
    let answer = dependency.ask(limit, get(url), Result::is_err).await?;
    answer.map_err(|error| Fault::away(PORT, format_args!("{url}: {error}")))
}

async fn get(url: &str) -> Result<Bytes, Failed> {
    let request = Request::get(url).header(header::ACCEPT, "application/json").body(Bytes::new())?;
    let answer = http1::exchange(request, LARGEST).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        status => Err(format!("it answered {status}").into()),
    }
}
