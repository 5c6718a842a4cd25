//! Each route once, through API Gateway to its function and what the function was granted.

use bharatmart_runtime::{Access, Route};
use bharatmart_tests::eventually;
use serde_json::{Value, json};

use crate::stack::{a_new_word, on_the_stack};

/// What a function answers to its own path; a product and categories come from the seed.
const SMOKE: &[(&str, &str, &str, u16)] = &[
    ("categories-list", "GET", "/api/v1/categories", 200),
    ("health-live", "GET", "/health/live", 200),
    ("health-ready", "GET", "/health/ready", 200),
    ("health-show", "GET", "/health", 200),
    ("issuer-show", "GET", "/.well-known/openid-configuration", 200),
    ("keys-list", "GET", "/.well-known/jwks.json", 200),
    ("not-found", "GET", "/api/v1/nothing-here", 404),
    // Nothing sends an SMS there.
    ("otp-send", "POST", "/api/v1/auth/otp/send", 503),
    ("products-get", "GET", "/api/v1/products/no-such-product", 404),
    ("products-list", "GET", "/api/v1/products?limit=3", 200),
    ("products-search", "GET", "/api/v1/search?q=atta", 200),
    ("search-suggest", "GET", "/api/v1/search/suggest?q=att", 200),
];

#[test]
fn every_route_reaches_its_function() {
    on_the_stack(|stack| async {
        for (function, method, path, status) in SMOKE {
            let answer = stack.client.ask(method, path).send().await.expect(*status);
            assert!(!answer.header("x-request-id").is_empty(), "{function} was not who answered: {answer:?}");
        }
        let smoked = |route: &Route| SMOKE.iter().any(|(function, ..)| *function == route.name);
        for endpoint in bharatmart_functions::endpoints().into_iter().filter(|endpoint| !smoked(endpoint.route)) {
            let route = endpoint.route;
            let answer = stack.client.ask(route.method.as_str(), &filled(route.path)).send().await;
            if matches!(route.access, Access::User(_) | Access::May(..)) {
                answer.expect_problem(401, "token_missing");
                continue;
            }
            assert!(!answer.status.is_server_error(), "{}: {answer:?}", route.name);
            let refused = answer.header("content-type") == "application/problem+json";
            let code = if refused { answer.json()["code"].clone() } else { Value::Null };
            assert!(code != "route_not_found" && code != "method_not_allowed", "{}: {answer:?}", route.name);
        }
    });
}

/// With something in the place of each parameter.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "none" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn a_page_of_products_leads_to_the_next_and_a_product_is_read_by_id_and_slug() {
    on_the_stack(|stack| async {
        let client = &stack.client;
        let page = client.get("/api/v1/products?limit=3").await.expect(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 3);
        let cursor = page["next_cursor"].as_str().unwrap();
        let next = client.get(&format!("/api/v1/products?limit=3&cursor={cursor}")).await.expect(200).json();
        assert_ne!(page["data"][0]["id"], next["data"][0]["id"]);

        let (id, slug) = (page["data"][0]["id"].as_str().unwrap(), page["data"][0]["slug"].as_str().unwrap());
        let by_id = client.get(&format!("/api/v1/products/{id}")).await.expect(200);
        assert_eq!(client.get(&format!("/api/v1/products/{slug}")).await.expect(200).json(), by_id.json());
        let again = client.ask("GET", &format!("/api/v1/products/{id}")).header("if-none-match", by_id.header("etag"));
        assert_eq!(again.send().await.expect(304).body, "");
    });
}

#[test]
fn a_wrong_path_and_a_wrong_method_are_told_in_the_shops_words() {
    on_the_stack(|stack| async {
        let client = &stack.client;
        client.get("/api/v2/products").await.expect_problem(404, "route_not_found");
        let answer = client.ask("DELETE", "/api/v1/products").send().await;
        assert_eq!(answer.header("allow"), "GET, POST");
        answer.expect_problem(405, "method_not_allowed");
    });
}

#[test]
fn a_product_that_is_created_is_found_and_its_key_creates_it_once() {
    on_the_stack(|stack| async {
        let mut body: Value =
            serde_json::from_str(include_str!("../../infra/generate/bodies/products-create.json")).unwrap();
        let word = a_new_word();
        body["name"] = json!(format!("Kalanamak Rice of {word}"));
        body["variants"][0]["sku"] = json!(format!("{word}-1KG"));
        body["variants"][1]["sku"] = json!(format!("{word}-5KG"));
        let create = || async {
            let ask = stack.client.ask("POST", "/api/v1/products").token(&stack.token);
            ask.header("idempotency-key", &word).json(&body).send().await.expect(201)
        };
        let created = create().await.json();
        let again = create().await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.json(), created);
        eventually("the new product is found", || async {
            let found = stack.client.get(&format!("/api/v1/search?q={word}")).await.expect(200).json();
            found["data"][0]["id"] == created["id"]
        })
        .await;
    });
}
