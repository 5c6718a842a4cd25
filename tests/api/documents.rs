//! The pages around the API: its description, the pictures, the figures, and what happens inside.

use bharatmart_tests::eventually;

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    the_front_page_says_where_to_go,
    the_api_is_described_and_can_be_read_without_the_internet,
    the_figures_count_requests_by_route,
    the_inside_shows_queues_events_and_the_index,
);

async fn the_front_page_says_where_to_go(shop: &Shop) {
    let page = shop.client.get("/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    for place in ["/docs/api", "/api/v1/products", "/_local"] {
        assert!(page.body.contains(place), "{place} is not on the front page");
    }
}

async fn the_api_is_described_and_can_be_read_without_the_internet(shop: &Shop) {
    let description = shop.client.get("/docs/openapi.json").await.expect(200).json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(description["paths"]["/api/v1/products"]["post"]["operationId"], "products-create");
    let page = shop.client.get("/docs/api/").await.expect(200);
    assert!(!page.body.contains("https://") && !page.body.contains("http://"), "{}", page.body);
    assert!(page.header("content-security-policy").contains("default-src 'self'"), "{page:?}");
    shop.client.get("/docs/api/swagger-ui.css").await.expect(200);
}

async fn the_figures_count_requests_by_route(shop: &Shop) {
    shop.client.get("/api/v1/products/no-such-product").await.expect(404);
    let text = shop.client.get("/metrics").await.expect(200).body;
    let counted = text.lines().any(|line| {
        line.starts_with("http_requests_total{")
            && ["method=\"GET\"", "route=\"/api/v1/products/{id}\"", "status_code=\"404\""]
                .iter()
                .all(|l| line.contains(l))
    });
    assert!(counted, "{text}");
    assert!(text.contains("http_request_duration_seconds_bucket"), "{text}");
    assert!(!text.contains("no-such-product"), "a path of a request became a series");
}

async fn the_inside_shows_queues_events_and_the_index(shop: &Shop) {
    shop.client.get("/_local").await.expect(200);
    let queues = shop.client.get("/_local/api/queues").await.expect(200).json();
    assert!(queues.to_string().contains("\"search\""), "{queues}");
    // The newest are shown, and other tests make some too.
    eventually("a new product's event is among the newest", || async {
        let created = shop.create(&product("Looked At")).await.expect(201).json();
        let events = shop.client.get("/_local/api/events").await.expect(200).body;
        events.contains("product.changed.v1") && events.contains(created["id"].as_str().unwrap())
    })
    .await;
    shop.client.get("/_local/api/search").await.expect(200);
    shop.client.get("/_local/api/mail").await.expect(200);
}
