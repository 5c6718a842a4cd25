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
            let function = endpoint.route.name;
            let status = match function {
                "not-found" => 404,
                // The token of a sample is a placeholder.
                "products-create" => 401,
                _ => 200,
            };
            let answer = invoke(stack, function).await;
            assert_eq!(answer["statusCode"], status, "{function}: {answer}");
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
