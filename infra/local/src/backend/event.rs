//! The events of the real cloud: an HTTP API's request in payload format 2.0 and its answer, and a schedule's tick.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bharatmart_core::Timestamp;
use bharatmart_runtime::Worker;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use lambda_http::Body;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::call::{Call, body_of, is_text, join_repeated};
use crate::gateway::Answer;

pub fn http_request(call: Call, request_id: &str, now: Timestamp) -> ApiGatewayV2httpRequest {
    let mut context = call.context(now);
    context.request_id = Some(request_id.to_owned());
    context.account_id = Some(ACCOUNT.to_owned());
    context.apiid = Some("local".to_owned());
    context.time = access_log_time(now);

    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".to_owned());
    event.route_key = Some(call.route_key());
    event.raw_path = Some(call.parts.uri.path().to_owned());
    event.raw_query_string = Some(call.parts.uri.query().unwrap_or_default().to_owned());
    event.query_string_parameters = call.parts.uri.query().and_then(|query| query.parse().ok()).unwrap_or_default();
    event.path_parameters = call.params;
    event.request_context = context;

    let text = is_text(&call.parts.headers);
    match body_of(call.body, text) {
        Body::Text(text) => event.body = Some(text),
        Body::Binary(bytes) => {
            event.body = Some(STANDARD.encode(bytes));
            event.is_base64_encoded = true;
        }
        _ => {}
    }

    let mut headers = call.parts.headers;
    join_repeated(&mut headers);
    // An event is JSON: a value that is no text cannot travel.
    let unspeakable: Vec<_> = headers
        .iter()
        .filter(|(_, value)| std::str::from_utf8(value.as_bytes()).is_err())
        .map(|(n, _)| n.clone())
        .collect();
    for name in unspeakable {
        headers.remove(name);
    }
    event.cookies = headers.remove(header::COOKIE).and_then(|cookies| {
        let cookies = cookies.to_str().ok()?;
        Some(cookies.split(';').map(|cookie| cookie.trim().to_owned()).collect())
    });
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    event.headers = headers;
    event
}

/// What a function answered, as it goes out; or what is wrong with it.
pub fn http_answer(payload: &[u8]) -> Result<Answer, String> {
    let answer: ApiGatewayV2httpResponse = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    let status = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or_else(|| format!("{} is no HTTP status", answer.status_code))?;
    let body = match answer.body {
        None | Some(Body::Empty) => Bytes::new(),
        Some(body) if answer.is_base64_encoded => {
            STANDARD.decode(body.as_ref()).map_err(|error| error.to_string())?.into()
        }
        Some(Body::Text(text)) => text.into(),
        Some(body) => Bytes::copy_from_slice(&body),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.extend(answer.headers);
    for (name, value) in &answer.multi_value_headers {
        headers.append(name, value.clone());
    }
    for cookie in &answer.cookies {
        let cookie = HeaderValue::from_str(cookie).map_err(|error| error.to_string())?;
        headers.append(header::SET_COOKIE, cookie);
    }
    // Those are the connection's own.
    for name in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        headers.remove(name);
    }
    Ok(response)
}

/// As EventBridge tells a schedule's time.
pub fn tick(worker: &Worker, id: &str, now: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", worker.name)],
        "detail": {},
    })
}

pub const ACCOUNT: &str = "000000000000";
pub const REGION: &str = "ap-south-1";

fn access_log_time(now: Timestamp) -> Option<String> {
    let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    let moment = OffsetDateTime::from_unix_timestamp(now.millis() / 1000).ok()?;
    moment.format(format).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use http::Request;
    use lambda_http::RequestExt;

    use super::*;

    fn call(request: http::request::Builder, body: &[u8]) -> Call {
        let endpoints = bharatmart_functions::endpoints();
        let route = endpoints.iter().find(|endpoint| endpoint.route.name == "products-get").unwrap().route;
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let params = HashMap::from([("id".to_owned(), "masala chai".to_owned())]);
        Call { route, parts, params, body: Bytes::copy_from_slice(body), peer: [127, 0, 0, 1].into() }
    }

    fn request() -> http::request::Builder {
        Request::post("/api/v1/products/masala%20chai?tag=tea&tag=hot&q=%E0%A4%9A%E0%A4%BE%E0%A4%AF")
            .header("host", "localhost:8080")
            .header("cookie", "a=1; b=2")
            .header("accept", "text/html")
            .header("accept", "application/json")
            .header("user-agent", "test")
    }

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

    /// Through the event a function reads, and straight: the handler must not be able to tell.
    fn both_ways(request: fn() -> http::request::Builder, body: &[u8]) -> [lambda_http::Request; 2] {
        let event = http_request(call(request(), body), "an-id", NOW);
        let read = lambda_http::request::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        [read, call(request(), body).into_request(NOW)]
    }

    #[test]
    fn a_handler_cannot_tell_an_event_from_a_call_in_process() {
        let [event, straight] = both_ways(request, b"");
        assert_eq!(event.method(), straight.method());
        assert_eq!(event.uri().path_and_query(), straight.uri().path_and_query());
        assert_eq!(event.raw_http_path(), straight.raw_http_path());
        assert_eq!(event.path_parameters(), straight.path_parameters());
        assert_eq!(event.query_string_parameters(), straight.query_string_parameters());
        assert_eq!(straight.query_string_parameters().all("tag").unwrap(), ["tea", "hot"]);
        let mut headers = event.headers().clone();
        headers.remove("x-forwarded-proto");
        assert_eq!(&headers, straight.headers());
        assert_eq!(straight.headers()["accept"], "text/html,application/json");
        assert_eq!(straight.headers()["cookie"], "a=1; b=2");
    }

    #[test]
    fn a_body_arrives_whole_whatever_it_is_made_of() {
        let json = || request().header("content-type", "application/json; charset=utf-8");
        let picture = || request().header("content-type", "image/png");
        type Begun = fn() -> http::request::Builder;
        let cases: [(Begun, &[u8]); 4] =
            [(json, "{\"name\":\"चाय\"}".as_bytes()), (json, b"\xff\xfe{"), (picture, b"\x89PNG"), (request, b"plain")];
        for (request, body) in cases {
            for request in both_ways(request, body) {
                assert_eq!(request.body().as_ref(), body);
            }
        }
    }

    #[test]
    fn the_event_is_what_an_http_api_sends() {
        let event = serde_json::to_value(http_request(call(request(), b""), "an-id", NOW)).unwrap();
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "GET /api/v1/products/{id}");
        assert_eq!(event["rawPath"], "/api/v1/products/masala%20chai");
        assert_eq!(event["pathParameters"]["id"], "masala chai");
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["requestContext"]["time"], "21/Sep/2026:14:13:20 +0000");
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn an_answer_keeps_its_status_headers_cookies_and_bytes() {
        let payload = json!({
            "statusCode": 201, "headers": {"content-type": "image/png", "content-length": "99"},
            "multiValueHeaders": {"vary": ["Origin", "Accept"]}, "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "iVBORw==", "isBase64Encoded": true,
        });
        let answer = http_answer(payload.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(answer.headers().get_all("vary").iter().count(), 2);
        assert!(!answer.headers().contains_key("content-length"));
    }

    #[test]
    fn an_error_of_the_function_is_no_answer() {
        assert!(http_answer(br#"{"errorType":"Panic","errorMessage":"oh"}"#).is_err());
        assert!(http_answer(br#"{"statusCode":9999,"cookies":[]}"#).is_err());
        assert!(http_answer(b"").is_err());
    }
}
