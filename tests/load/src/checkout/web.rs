//! The shop as browsers ask it: over as many connections as are needed at once, each kept for the next request.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

#[derive(Clone)]
pub struct Web {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
}

/// A problem's code, or what else went wrong.
pub type Refused = String;

impl Web {
    pub fn new(port: u16) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Web { client, origin: format!("http://127.0.0.1:{port}") }
    }

    pub async fn get(&self, token: &str, path: &str) -> Result<Value, Refused> {
        self.ask(Method::GET, token, path, None, None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Result<Value, Refused> {
        self.ask(Method::POST, token, path, None, Some(body)).await
    }

    pub async fn post_once(&self, token: &str, path: &str, key: &str, body: &Value) -> Result<Value, Refused> {
        self.ask(Method::POST, token, path, Some(key), Some(body)).await
    }

    async fn ask(
        &self,
        method: Method,
        token: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, Refused> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        if !token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = body.map(Value::to_string);
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::from(body.unwrap_or_default())).map_err(|error| error.to_string())?;
        let answer = self.client.request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        match status.is_success() {
            true => Ok(told),
            false => Err(told["code"].as_str().map_or_else(|| status.to_string(), str::to_owned)),
        }
    }
}
