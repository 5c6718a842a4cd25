//! What is switched on, and for whom.

use bharatmart_core::Role;
use serde_json::{Value, json};

use super::{Desk, each};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_admin_sets_a_flag_and_everybody_sees_it,
    a_flag_is_on_for_whom_it_names,
    a_flag_is_replaced_whole_under_its_version,
    a_wrong_flag_names_each_field,
    only_an_admin_sets_flags,
    coupons_are_switched_off_by_a_flag,
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

/// There is no such coupon; whether it was looked for at all is told in words.
async fn coupons_are_switched_off_by_a_flag(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let is_off = async || {
        let ask = desk.ask("PUT", "cart/coupon").json(&json!({ "code": "DIWALI" }));
        let problem = ask.send().await.expect_problem(409, "coupon_invalid");
        problem["detail"].as_str().unwrap().contains("switched off")
    };
    assert!(!is_off().await, "without a flag they are on");
    set(&desk, "cart.coupons", &json!({ "enabled": false })).await;
    desk.until("they are off", async || is_off().await).await;
    set(&desk, "cart.coupons", &json!({ "enabled": true, "percent": 100 })).await;
    desk.until("they are on again", async || !is_off().await).await;
}
