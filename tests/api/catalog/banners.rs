//! Banners of the shop's first page.

use bharatmart_core::{Role, Timestamp};
use serde_json::{Value, json};

use super::{Desk, each, text};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    banners_are_shown_in_their_window_and_order,
    a_banner_is_changed_and_taken_down,
    a_wrong_banner_names_each_field,
    customers_see_banners_and_change_none,
);

/// Days from now.
fn day(shop: &Shop, days: i64) -> String {
    let now = shop.cloud.app().clock.now();
    Timestamp::from_millis(now.millis() + days * 86_400_000).to_string()
}

fn banner(shop: &Shop, title: &str, position: i64, from: i64, to: i64) -> Value {
    json!({
        "title": title, "image": "/media/banners/one.webp", "link": "/category/sweets?sort=newest", "position": position,
        "starts_at": day(shop, from), "ends_at": day(shop, to),
    })
}

async fn put_up(desk: &Desk<'_>, body: &Value) -> Value {
    desk.send("POST", "banners", body).await.expect(201).json()
}

async fn shown(desk: &Desk<'_>) -> Vec<String> {
    each(&desk.get("banners").await.expect(200).json(), "title")
}

async fn banners_are_shown_in_their_window_and_order(shop: &Shop) {
    let desk = Desk::open(shop).await;
    for (title, position, from, to) in
        [("Second", 2, -1, 1), ("Past", 1, -3, -1), ("First", 1, -1, 1), ("To come", 0, 1, 2), ("Third", 2, -2, 2)]
    {
        put_up(&desk, &banner(shop, title, position, from, to)).await;
    }
    // A list may lag behind.
    desk.until("those in their window are shown", async || shown(&desk).await == ["First", "Second", "Third"]).await;
    let answer = desk.get("banners").await.expect(200);
    assert!(answer.header("cache-control").starts_with("public, max-age="), "{answer:?}");
    desk.ask("GET", "banners").header("if-none-match", answer.header("etag")).send().await.expect(304);
    let all = desk.managing("GET", "admin/banners").send().await.expect(200).json();
    assert_eq!(each(&all, "title"), ["To come", "Past", "First", "Second", "Third"]);
}

async fn a_banner_is_changed_and_taken_down(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let answer = desk.send("POST", "banners", &banner(shop, "Holi", 1, -1, 1)).await.expect(201);
    let made = answer.json();
    let id = text(&made, "id");
    assert!(id.starts_with("bnr_") && answer.header("location").ends_with(id), "{answer:?}");
    let path = format!("banners/{id}");
    let change = json!({ "title": "Holi, two days more", "ends_at": day(shop, 3), "link": "https://example.in/holi" });
    let ask = desk.managing("PATCH", &format!("banners/{id}")).header("if-match", answer.header("etag")).json(&change);
    let changed = ask.send().await.expect(200).json();
    assert_eq!((text(&changed, "title"), &changed["version"]), ("Holi, two days more", &json!(2)));
    assert_eq!((&changed["image"], &changed["starts_at"]), (&made["image"], &made["starts_at"]));
    let stale = desk.managing("PATCH", &path).header("if-match", answer.header("etag")).json(&json!({ "title": "x" }));
    stale.send().await.expect_problem(412, "version_changed");
    let backwards = json!({ "ends_at": day(shop, -2) });
    desk.send("PATCH", &path, &backwards).await.expect_field(422, "validation_failed", "ends_at");
    desk.until("the change is shown", async || shown(&desk).await == ["Holi, two days more"]).await;
    desk.managing("DELETE", &format!("banners/{id}")).send().await.expect(204);
    desk.managing("DELETE", &path).send().await.expect_problem(404, "not_found");
    desk.send("PATCH", &path, &change).await.expect_problem(404, "not_found");
    desk.until("it is shown no more", async || shown(&desk).await.is_empty()).await;
}

async fn a_wrong_banner_names_each_field(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let cases = [
        ("title", json!("")),
        ("image", json!("//elsewhere.example/x.png")),
        ("image", json!("banners/x.png")),
        ("link", json!("javascript:alert(1)")),
        ("link", json!("http://example.in")),
        ("link", json!("//example.in")),
        ("link", json!("/a\"b")),
        ("position", json!(-1)),
        ("starts_at", json!("tomorrow")),
        ("ends_at", json!(day(shop, -1))),
        ("ends_at", json!(null)),
        ("colour", json!("red")),
    ];
    for (field, value) in cases {
        let mut body = banner(shop, "Wrong", 1, 0, 1);
        body[field] = value;
        desk.send("POST", "banners", &body).await.expect_field(422, "validation_failed", field);
    }
}

async fn customers_see_banners_and_change_none(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let made = put_up(&desk, &banner(shop, "Id", 1, -1, 1)).await;
    let (customer, seller) = (desk.somebody(Role::Customer).await, desk.somebody(Role::Seller).await);
    let path = format!("banners/{}", text(&made, "id"));
    for (method, path) in [("POST", "banners"), ("PATCH", &path), ("DELETE", &path), ("GET", "admin/banners")] {
        let ask = desk.ask(method, path).token(&customer.token).json(&json!({}));
        ask.send().await.expect_problem(403, "forbidden");
    }
    desk.ask("DELETE", &path).token(&seller.token).send().await.expect(204);
}
