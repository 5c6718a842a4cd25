//! Cross-origin requests, by allow-list.

use crate::world::{Shop, on_every_shop};

on_every_shop!(an_allowed_origin_may_read_answers, another_origin_is_told_nothing, a_preflight_is_answered,);

async fn an_allowed_origin_may_read_answers(shop: &Shop) {
    let answer = shop.client.ask("GET", "/api/v1/categories").header("origin", "https://shop.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example");
    assert!(answer.header("access-control-expose-headers").contains("ETag"));
    assert_eq!(answer.header("vary"), "Origin");
}

async fn another_origin_is_told_nothing(shop: &Shop) {
    let answer = shop.client.ask("GET", "/api/v1/categories").header("origin", "https://evil.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

async fn a_preflight_is_answered(shop: &Shop) {
    let ask = shop.client.ask("OPTIONS", "/api/v1/products").header("origin", "https://shop.example");
    let answer = ask.header("access-control-request-method", "POST").send().await.expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example");
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert!(answer.header("access-control-allow-headers").contains("Idempotency-Key"));
}
