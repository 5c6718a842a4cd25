//! Carries what is exported to the collector, a neighbour that is spoken to in plain text.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

use crate::http1::Aimed;

/// An answer says at most which spans were refused.
const LARGEST_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Collector {
    pub limit: Duration,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        tokio::time::timeout(self.limit, send(request)).await?
    }
}

async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let request = Aimed::new(request, 80)?;
    let connection = request.connect().await?;
    request.send(Box::new(connection), LARGEST_ANSWER).await
}
