//! The sample events, as `cargo lambda invoke` would send them, to the functions of the stack.

use std::path::Path;

use serde_json::{Value, json};

use crate::stack::{Stack, on_the_stack};

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");

async fn invoke(stack: &Stack, function: &str) -> Value {
    let event = std::fs::read(Path::new(EVENTS).join(format!("{function}.json"))).unwrap();
    let path = format!("/2015-03-31/functions/bharatmart-{function}/invocations");
    let answer = stack.aws.ask("POST", &path).bytes(event).send().await.expect(200);
    assert_eq!(answer.header("x-amz-function-error"), "", "{function}: {}", answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

#[test]
fn every_sample_event_is_answered_by_its_function() {
    on_the_stack(|stack| async {
        for endpoint in bharatmart_functions::endpoints() {
            let (route, function) = (endpoint.route, endpoint.route.name);
            let answer = invoke(stack, function).await;
            let status = answer["statusCode"].as_u64().unwrap();
            match function {
                "not-found" => assert_eq!(status, 404, "{answer}"),
                "auth-signup" => assert_eq!(status, 201, "{answer}"),
                // Nothing sends an SMS there.
                "otp-send" => assert_eq!(status, 503, "{answer}"),
                // The token of a sample is a placeholder.
                _ if !route.access.is_public() => assert_eq!(status, 401, "{function}: {answer}"),
                _ if route.method == "GET" => assert_eq!(status, 200, "{function}: {answer}"),
                // A code or a link of a sample is nobody's.
                _ => assert!((200..500).contains(&status) && status != 404, "{function}: {answer}"),
            }
        }
        assert_eq!(invoke(stack, "search-indexer").await, json!({ "batchItemFailures": [] }));
        assert_eq!(invoke(stack, "outbox-sweeper").await, Value::Null);
    });
}

#[test]
fn every_function_has_a_sample_event() {
    let mut functions: Vec<_> = bharatmart_functions::endpoints().iter().map(|endpoint| endpoint.route.name).collect();
    functions.extend(bharatmart_functions::workers().iter().map(|worker| worker.name));
    for function in functions {
        assert!(Path::new(EVENTS).join(format!("{function}.json")).is_file(), "{function} has none");
    }
}
