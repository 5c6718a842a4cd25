//! What is switched on, and for whom.

use std::time::Duration;

use bharatmart_core::Role;
use serde_json::{Value, json};

use super::{Desk, each};
use crate::orders::buying::address;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_admin_sets_a_flag_and_everybody_sees_it,
    a_flag_is_on_for_whom_it_names,
    a_flag_is_replaced_whole_under_its_version,
    a_wrong_flag_names_each_field,
    only_an_admin_sets_flags,
    no_coupon_counts_while_they_are_switched_off,
);

/// What is on for somebody; nobody without a token.
async fn flags(desk: &Desk<'_>, token: Option<&str>) -> Value {
    let ask = desk.ask("GET", "flags");
    let ask = token.into_iter().fold(ask, |ask, token| ask.token(token));
    ask.send().await.expect(200).json()["data"].clone()
}

async fn set(desk: &Desk<'_>, name: &str, body: &Value) -> Value {
    desk.send("PUT", &format!("admin/flags/{name}"), body).await.expect(200).json()
}

async fn an_admin_sets_a_flag_and_everybody_sees_it(shop: &Shop) {
    let desk = Desk::open(shop).await;
    assert_eq!(flags(&desk, None).await, json!({}));
    let flag =
        set(&desk, "checkout.new", &json!({ "description": "One page.", "enabled": true, "percent": 100 })).await;
    assert_eq!((&flag["percent"], &flag["roles"], &flag["version"]), (&json!(100), &json!([]), &json!(1)));
    desk.until("it is on", async || flags(&desk, None).await == json!({ "checkout.new": true })).await;
    let all = desk.managing("GET", "admin/flags").send().await.expect(200).json();
    assert_eq!(each(&all, "name"), ["checkout.new"]);
    set(&desk, "checkout.new", &json!({ "enabled": false, "percent": 100 })).await;
    desk.until("it is off", async || flags(&desk, None).await == json!({ "checkout.new": false })).await;
    let delete = || desk.managing("DELETE", "admin/flags/checkout.new").send();
    delete().await.expect(204);
    delete().await.expect_problem(404, "not_found");
    desk.until("it is gone", async || flags(&desk, None).await == json!({})).await;
}

async fn a_flag_is_on_for_whom_it_names(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let (asha, ravi) = (desk.somebody(Role::Customer).await, desk.somebody(Role::Customer).await);
    let seller = desk.somebody(Role::Seller).await;
    set(&desk, "beta", &json!({ "enabled": true, "roles": ["seller"], "users": [asha.id] })).await;
    desk.until("it is on for her", async || flags(&desk, Some(&asha.token)).await["beta"] == true).await;
    desk.until("it is on for sellers", async || flags(&desk, Some(&seller.token)).await["beta"] == true).await;
    assert_eq!(flags(&desk, Some(&ravi.token)).await["beta"], false);
    assert_eq!(flags(&desk, None).await["beta"], false);
    set(&desk, "half", &json!({ "enabled": true, "percent": 50 })).await;
    desk.until("it is known", async || flags(&desk, Some(&ravi.token)).await["half"].is_boolean()).await;
    let first = flags(&desk, Some(&ravi.token)).await;
    assert_eq!(flags(&desk, Some(&ravi.token)).await, first, "the same at each look");
}

async fn a_flag_is_replaced_whole_under_its_version(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let body = json!({ "description": "Old.", "enabled": true, "percent": 10, "roles": ["support", "support"] });
    let answer = desk.send("PUT", "admin/flags/search.new", &body).await.expect(200);
    let etag = answer.header("etag");
    let put = |percent: i64| {
        let ask = desk.managing("PUT", "admin/flags/search.new").header("if-match", etag);
        ask.json(&json!({ "enabled": true, "percent": percent })).send()
    };
    let changed = put(20).await.expect(200).json();
    assert_eq!((&changed["roles"], &changed["description"], &changed["version"]), (&json!([]), &json!(""), &json!(2)));
    put(30).await.expect_problem(412, "version_changed");
    let same = set(&desk, "search.new", &json!({ "enabled": true, "percent": 20 })).await;
    assert_eq!(same["version"], 2, "nothing is new");
}

async fn a_wrong_flag_names_each_field(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let cases = [
        ("enabled", json!({})),
        ("percent", json!({ "enabled": true, "percent": 101 })),
        ("percent", json!({ "enabled": true, "percent": 1.5 })),
        ("roles[1]", json!({ "enabled": true, "roles": ["admin", "king"] })),
        ("users[0]", json!({ "enabled": true, "users": ["asha"] })),
        ("colour", json!({ "enabled": true, "colour": "red" })),
    ];
    for (field, body) in cases {
        let answer = desk.send("PUT", "admin/flags/wrong", &body).await;
        answer.expect_field(422, "validation_failed", field);
    }
    let body = json!({ "enabled": true });
    desk.send("PUT", "admin/flags/Wrong%20Name", &body).await.expect_field(422, "validation_failed", "name");
}

async fn only_an_admin_sets_flags(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let seller = desk.somebody(Role::Seller).await;
    for (method, path) in [("GET", "admin/flags"), ("PUT", "admin/flags/x"), ("DELETE", "admin/flags/x")] {
        let ask = desk.ask(method, path).token(&seller.token).json(&json!({ "enabled": true }));
        ask.send().await.expect_problem(403, "forbidden");
    }
    desk.ask("GET", "flags").token("no.good.token").send().await.expect_problem(401, "token_invalid");
}

/// Neither one that is put on a cart nor one that is on it: not in a quote, not when the cart is looked over, and not
/// in an order.
async fn no_coupon_counts_while_they_are_switched_off(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let asha = desk.somebody(Role::Customer).await;
    let ask = |method: &str, path: &str| desk.ask(method, path).token(&asha.token);
    let (now, day) = (shop.cloud.app().clock.now(), Duration::from_secs(24 * 3600));
    let coupon = json!({
        "code": "HALF", "benefit": "percent", "percent": 50, "starts_at": now.before(day), "ends_at": now.after(day),
    });
    desk.send("POST", "admin/coupons", &coupon).await.expect(201);
    let saffron = desk.product("Flagged Saffron").await;
    let line = json!({ "sku": saffron["variants"][0]["sku"], "quantity": 2 });
    ask("POST", "cart/items").json(&line).send().await.expect(200);
    let apply = async || ask("PUT", "cart/coupon").json(&json!({ "code": "HALF" })).send().await;
    apply().await.expect(200);
    // What the quote takes off, and whether nothing stands in the way of an order.
    let discount = async || {
        let quote = ask("GET", "cart/quote").send().await.expect(200).json();
        let told = quote["problems"].as_array().unwrap().iter().any(|problem| problem["code"] == "coupon_invalid");
        (quote["discount"]["amount"].as_i64().unwrap(), told)
    };
    let valid = async || {
        let looked_over = ask("POST", "cart/validate").json(&json!({})).send().await.expect(200).json();
        assert_eq!(looked_over["cart"]["coupon"], "HALF", "it stays on the cart");
        let told = json!([{ "code": "coupon_invalid", "coupon": "HALF" }]);
        assert_eq!(looked_over["problems"], if looked_over["valid"] == true { json!([]) } else { told });
        looked_over["valid"] == true
    };
    let place = async || {
        let order = json!({ "address": address(), "payment_method": "upi" });
        ask("POST", "orders").header("idempotency-key", &shop.unique()).json(&order).send().await
    };
    assert_eq!((discount().await, valid().await), ((14_900, false), true));

    set(&desk, "cart.coupons", &json!({ "enabled": false })).await;
    desk.until("none is put on", async || apply().await.status == 409).await;
    let problem = apply().await.expect_problem(409, "coupon_invalid");
    assert!(problem["detail"].as_str().unwrap().contains("switched off"), "{problem}");
    desk.until("quotes take nothing off", async || discount().await == (0, true)).await;
    desk.until("the cart is not valid", async || !valid().await).await;
    // Asked with an order that is too small in any case: a good one would be placed until the function knows.
    let lines = json!([{ "sku": line["sku"], "quantity": 1 }]);
    let small = json!({ "lines": lines, "address": address(), "payment_method": "upi", "coupon": "HALF" });
    desk.until("orders know it", async || {
        let refused = ask("POST", "orders").header("idempotency-key", &shop.unique()).json(&small).send().await;
        refused.expect(409).json()["code"] == "coupon_invalid"
    })
    .await;
    place().await.expect_problem(409, "coupon_invalid");
    ask("DELETE", "cart/coupon").send().await.expect(200);
    assert_eq!(discount().await, (0, false));
    let order = place().await.expect(201).json();
    assert_eq!(order["amounts"]["discount"]["amount"], 0);

    set(&desk, "cart.coupons", &json!({ "enabled": true, "percent": 100 })).await;
    ask("POST", "cart/items").json(&line).send().await.expect(200);
    desk.until("they are on again", async || apply().await.status == 200).await;
    desk.until("quotes take it off", async || discount().await == (14_900, false)).await;
}
