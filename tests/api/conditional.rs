//! ETags, and the headers every answer carries.

use crate::catalog::Desk;
use crate::client::Ask;
use crate::world::{Shop, on_every_shop};

on_every_shop!(what_has_not_changed_is_304, every_answer_carries_the_security_headers, a_request_id_is_kept_or_made,);

async fn what_has_not_changed_is_304(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?category=home&limit=1").await.expect(200).json();
    let product = format!("/api/v1/products/{}", page["data"][0]["id"].as_str().unwrap());
    for path in [product.as_str(), "/api/v1/products?category=books&limit=5&sort=name"] {
        is_told_as_unchanged(|| shop.client.ask("GET", path)).await;
    }
    // With how many products are in each: nobody adds any to this shop.
    let desk = Desk::open(shop).await;
    is_told_as_unchanged(|| desk.ask("GET", "categories")).await;
}

async fn is_told_as_unchanged<'a>(ask: impl Fn() -> Ask<'a>) {
    let first = ask().send().await.expect(200);
    let etag = first.header("etag");
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{first:?}");
    let again = ask().header("if-none-match", etag).send().await.expect(304);
    assert_eq!((again.body.as_str(), again.header("etag")), ("", etag));
    ask().header("if-none-match", &format!("\"another\", W/{etag}")).send().await.expect(304);
    ask().header("if-none-match", "\"another\"").send().await.expect(200);
}

async fn every_answer_carries_the_security_headers(shop: &Shop) {
    for path in ["/api/v1/products?limit=1", "/api/v1/products/no-such", "/api/v1/nothing", "/health/live"] {
        let answer = shop.client.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
}

async fn a_request_id_is_kept_or_made(shop: &Shop) {
    let given = shop.client.ask("GET", "/health/live").header("x-request-id", "order-42").send().await;
    assert_eq!(given.header("x-request-id"), "order-42");
    let odd = shop.client.ask("GET", "/health/live").header("x-request-id", "no spaces; here").send().await;
    assert_ne!(odd.header("x-request-id"), "no spaces; here");
    assert!(odd.header("x-request-id").len() >= 16);
}
