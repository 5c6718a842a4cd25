//! A shopper's connection to the local cloud: one request after another on it.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::http::request::Builder;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub struct Connection(SendRequest<Full<Bytes>>);

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Connection {
    pub async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Connection(sender))
    }

    pub async fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.ask(Request::get(path), "").await
    }

    pub async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        self.ask(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)), body).await
    }

    async fn ask(&mut self, request: Builder, body: &str) -> io::Result<Answer> {
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let request = request.header(HOST, "localhost").body(body).map_err(io::Error::other)?;
        self.0.ready().await.map_err(io::Error::other)?;
        let (head, body) = self.0.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}
