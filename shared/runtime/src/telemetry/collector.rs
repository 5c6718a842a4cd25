//! Carries what is exported to the collector: a connection an export, HTTP/1. The libraries' clients bring HTTP/2, its
//! pool and its code into each function for a neighbour that is spoken to in plain text.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::net::TcpStream;

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
    let (mut parts, body) = request.into_parts();
    let uri = std::mem::take(&mut parts.uri).into_parts();
    let (Some(authority), Some(path)) = (uri.authority, uri.path_and_query) else {
        return Err(
            io::Error::new(io::ErrorKind::InvalidInput, "the collector's address has no host or no path").into()
        );
    };
    parts.headers.insert(header::HOST, HeaderValue::from_str(authority.as_str())?);
    parts.uri = path.into();
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;

    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let (head, body) = sender.send_request(Request::from_parts(parts, Full::new(body))).await?.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await?.to_bytes();
        Ok::<_, HttpError>(Response::from_parts(head, body))
    };
    tokio::pin!(exchange, connection);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        ended = &mut connection => {
            ended?;
            exchange.await
        }
    }
}
