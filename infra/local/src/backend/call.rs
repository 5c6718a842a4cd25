//! A request on its way to a function, and as `lambda_http` would hand it over: with the extensions that come of an
//! HTTP API's event, but without writing and reading one.

use std::collections::HashMap;
use std::net::IpAddr;

use aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use aws_lambda_events::query_map::QueryMap;
use bharatmart_core::Timestamp;
use bharatmart_runtime::Route;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};

pub struct Call {
    pub route: &'static Route,
    pub parts: Parts,
    pub params: HashMap<String, String>,
    pub body: Bytes,
    pub peer: IpAddr,
}

impl Call {
    pub fn into_request(self, now: Timestamp) -> Request {
        let context = self.context(now);
        let Call { mut parts, params, body, .. } = self;
        let query: QueryMap = parts.uri.query().and_then(|query| query.parse().ok()).unwrap_or_default();
        parts.extensions = std::mem::take(&mut parts.extensions)
            .with_raw_http_path(parts.uri.path())
            .with_query_string_parameters(query)
            .with_path_parameters(params)
            .with_request_context(RequestContext::ApiGatewayV2(context));
        join_repeated(&mut parts.headers);
        let text = is_text(&parts.headers);
        Request::from_parts(parts, body_of(body, text))
    }

    pub fn context(&self, now: Timestamp) -> ApiGatewayV2httpRequestContext {
        let header = |name: HeaderName| self.parts.headers.get(name).and_then(|value| value.to_str().ok());
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.route_key = Some(self.route_key());
        context.stage = Some("$default".to_owned());
        context.domain_name = header(header::HOST).map(str::to_owned);
        context.time_epoch = now.millis();
        context.http.method = self.parts.method.clone();
        context.http.path = Some(self.parts.uri.path().to_owned());
        context.http.protocol = Some("HTTP/1.1".to_owned());
        context.http.source_ip = Some(self.peer.to_string());
        context.http.user_agent = header(header::USER_AGENT).map(str::to_owned);
        context
    }

    pub fn route_key(&self) -> String {
        match self.route.path.starts_with('/') {
            true => format!("{} {}", self.route.method, self.route.path),
            false => self.route.path.to_owned(),
        }
    }
}

/// An HTTP API joins the values of a header that comes more than once.
pub fn join_repeated(headers: &mut HeaderMap) {
    if headers.keys_len() == headers.len() {
        return;
    }
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in names {
        let mut values = headers.get_all(&name).iter();
        if let (Some(first), Some(second)) = (values.next(), values.next()) {
            let by = if name == header::COOKIE { "; " } else { "," };
            let mut joined = first.as_bytes().to_vec();
            for value in std::iter::once(second).chain(values) {
                joined.extend_from_slice(by.as_bytes());
                joined.extend_from_slice(value.as_bytes());
            }
            if let Ok(joined) = HeaderValue::from_bytes(&joined) {
                headers.insert(name, joined);
            }
        }
    }
}

/// Which bodies an HTTP API hands on as they are; it encodes the others.
pub fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let starts = |prefix: &str| kind.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts("text/")
        || ["application/json", "application/javascript", "application/xml"].iter().any(|known| starts(known))
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

pub fn body_of(body: Bytes, text: bool) -> Body {
    if body.is_empty() {
        return Body::Empty;
    }
    let bytes = Vec::from(body);
    if !text {
        return Body::Binary(bytes);
    }
    String::from_utf8(bytes).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text)
}
