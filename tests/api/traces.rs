//! One trace from the request by way of the queue to the worker, exported over OTLP.

use std::sync::{Arc, Mutex};

use bharatmart_tests::eventually;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::alone::open;
use crate::world::{product, run};

type Exports = Arc<Mutex<Vec<u8>>>;

/// What a collector is on the wire: it takes POST /v1/traces and keeps the bytes.
async fn collector() -> (String, Exports) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let exports = Exports::default();
    let kept = exports.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = kept.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let kept = kept.clone();
                async move {
                    assert_eq!(request.uri().path(), "/v1/traces");
                    let bytes = request.into_body().collect().await?.to_bytes();
                    kept.lock().unwrap().extend_from_slice(&bytes);
                    Ok::<_, hyper::Error>(Response::new(Empty::<bytes::Bytes>::new()))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (endpoint, exports)
}

fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle).count()
}

#[test]
fn a_request_and_its_worker_are_one_trace() {
    run(async {
        let (endpoint, exports) = collector().await;
        let shop = open(Vec::new(), &[("SEED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await;
        let admin = shop.admin().await;
        let trace_id: [u8; 16] = rand::random();
        let hex: String = trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
        let parent = format!("00-{hex}-00f067aa0ba902b7-01");
        let ask = shop.client.ask("POST", "/api/v1/products").token(&admin);
        ask.header("traceparent", &parent).json(&product("Traced Tea")).send().await.expect(201);
        eventually("the request and the batch are exported under the caller's trace", || async {
            let exports = exports.lock().unwrap();
            let named = |name: &[u8]| count(&exports, name) > 0;
            count(&exports, &trace_id) >= 2 && named(b"POST /api/v1/products") && named(b"process search")
        })
        .await;
        shop.cloud.stop().await;
    });
}
