//! Coupons: as an admin makes them, and as a cart holds them.

use std::time::Duration;

use bharatmart_core::{Changes, Tenant, Write};
use bharatmart_tests::eventually;
use serde_json::{Value, json};

use super::shopping::{Shopper, for_sale, paise, rupees};
use crate::client::Answer;
use crate::identity::beside::now;
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_coupon_is_kept_as_it_was_made,
    a_wrong_coupon_names_each_field,
    a_code_is_one_coupons,
    a_change_needs_the_version_that_was_seen,
    a_coupon_that_is_gone_is_gone,
    coupons_are_listed_page_by_page,
    each_change_is_in_the_audit_with_before_and_after,
    a_percentage_an_amount_and_free_delivery_take_off_what_they_say,
    a_coupon_counts_within_its_window,
    a_coupon_asks_for_its_minimum,
    a_coupon_that_was_used_up_is_refused,
    one_customers_uses_are_counted_apart,
    a_code_that_is_none_is_refused,
    a_cart_holds_one_coupon_and_gives_it_back,
    a_coupon_that_ended_takes_nothing_off,
    another_shops_coupon_is_none,
);

fn new_code(shop: &Shop) -> String {
    format!("T{}", shop.unique()).to_uppercase()
}

/// A coupon that counts now, with these fields beside.
fn coupon(shop: &Shop, more: Value) -> Value {
    let day = Duration::from_secs(24 * 3600);
    let mut coupon = json!({
        "code": new_code(shop),
        "starts_at": now(shop).before(day),
        "ends_at": now(shop).after(day),
    });
    coupon.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    coupon
}

async fn create(shop: &Shop, coupon: &Value) -> Answer {
    shop.client.ask("POST", "/api/v1/admin/coupons").token(&shop.admin).json(coupon).send().await
}

/// Makes one and answers its code.
pub async fn make_coupon(shop: &Shop, more: Value) -> String {
    let made = create(shop, &coupon(shop, more)).await.expect(201).json();
    made["code"].as_str().unwrap().to_owned()
}

async fn read(shop: &Shop, code: &str) -> Answer {
    shop.client.ask("GET", &format!("/api/v1/admin/coupons/{code}")).token(&shop.admin).send().await
}

async fn change(shop: &Shop, code: &str, seen: &str, change: Value) -> Answer {
    let ask = shop.client.ask("PATCH", &format!("/api/v1/admin/coupons/{code}")).token(&shop.admin);
    ask.header("if-match", seen).json(&change).send().await
}

async fn delete(shop: &Shop, code: &str) -> Answer {
    shop.client.ask("DELETE", &format!("/api/v1/admin/coupons/{code}")).token(&shop.admin).send().await
}

async fn a_coupon_is_kept_as_it_was_made(shop: &Shop) {
    let more = json!({
        "benefit": "percent", "percent": 10, "at_most": rupees(150), "minimum": rupees(499), "total_limit": 100,
        "user_limit": 1,
    });
    let made = coupon(shop, more);
    let answer = create(shop, &made).await.expect(201);
    let kept = answer.json();
    for (field, value) in made.as_object().unwrap() {
        assert_eq!(kept[field], *value, "{field}");
    }
    assert_eq!((&kept["active"], &kept["version"]), (&json!(true), &json!(1)));
    let code = made["code"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/admin/coupons/{code}"));
    let found = read(shop, &code.to_lowercase()).await.expect(200);
    assert_eq!((found.json(), found.header("etag")), (kept, answer.header("etag")));
}

async fn a_wrong_coupon_names_each_field(shop: &Shop) {
    let cases = [
        ("code", json!("a b")),
        ("code", json!("x")),
        ("benefit", json!("gold")),
        ("percent", json!(0)),
        ("percent", json!(101)),
        ("percent", json!(null)),
        ("amount", rupees(5)),
        ("at_most.amount", paise(0)),
        ("minimum.amount", paise(-1)),
        ("starts_at", json!("yesterday")),
        ("ends_at", json!("2020-01-01T00:00:00Z")),
        ("total_limit", json!(0)),
        ("user_limit", json!(-1)),
        ("active", json!("yes")),
        ("colour", json!("red")),
    ];
    for (field, value) in cases {
        let mut wrong = coupon(shop, json!({ "benefit": "percent", "percent": 10 }));
        wrong[field.split('.').next().unwrap()] = value;
        create(shop, &wrong).await.expect_field(422, "validation_failed", field);
    }
    let wrong = coupon(shop, json!({ "code": "x", "benefit": "amount", "total_limit": 0, "starts_at": "x" }));
    let problem = create(shop, &wrong).await.expect_problem(422, "validation_failed");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 4, "{problem}");
}

async fn a_code_is_one_coupons(shop: &Shop) {
    let made = coupon(shop, json!({ "benefit": "free_delivery" }));
    create(shop, &made).await.expect(201);
    create(shop, &made).await.expect_problem(409, "coupon_exists");
    let mut lower = made.clone();
    lower["code"] = json!(made["code"].as_str().unwrap().to_lowercase());
    create(shop, &lower).await.expect_problem(409, "coupon_exists");
}

async fn a_change_needs_the_version_that_was_seen(shop: &Shop) {
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10, "user_limit": 1 })).await;
    let seen = read(shop, &code).await.expect(200).header("etag").to_owned();
    let blind = shop.client.ask("PATCH", &format!("/api/v1/admin/coupons/{code}")).token(&shop.admin);
    blind.json(&json!({ "percent": 20 })).send().await.expect_problem(428, "if_match_missing");
    let changed = change(shop, &code, &seen, json!({ "percent": 20, "user_limit": null })).await.expect(200);
    let now = changed.json();
    assert_eq!((&now["percent"], &now["user_limit"], &now["version"]), (&json!(20), &json!(null), &json!(2)));
    change(shop, &code, &seen, json!({ "percent": 30 })).await.expect_problem(412, "version_changed");
    let same = change(shop, &code, changed.header("etag"), json!({ "percent": 20 })).await.expect(200);
    assert_eq!(same.json()["version"], 2, "nothing was new");
    for (field, value) in [("percent", json!(0)), ("code", json!("OTHER")), ("benefit", json!("amount"))] {
        let answer = change(shop, &code, "*", json!({ field: value })).await;
        answer.expect_field(422, "validation_failed", field);
    }
    change(shop, "NO-SUCH-COUPON", "*", json!({})).await.expect_problem(404, "not_found");
}

async fn a_coupon_that_is_gone_is_gone(shop: &Shop) {
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10 })).await;
    let path = format!("/api/v1/admin/coupons/{code}");
    let stale = shop.client.ask("DELETE", &path).token(&shop.admin).header("if-match", "\"v7-0\"");
    stale.send().await.expect_problem(412, "version_changed");
    delete(shop, &code).await.expect(204);
    delete(shop, &code).await.expect_problem(404, "not_found");
    read(shop, &code).await.expect_problem(404, "not_found");
    read(shop, "no%20code").await.expect_problem(404, "not_found");
}

async fn coupons_are_listed_page_by_page(shop: &Shop) {
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(make_coupon(shop, json!({ "benefit": "free_delivery" })).await);
    }
    codes.sort_by(|a, b| b.cmp(a));
    let page = async |path: String| {
        let ask = shop.client.ask("GET", &path).token(&shop.admin);
        ask.send().await.expect(200).json()
    };
    // Other tests make coupons meanwhile; those of this one come in their order.
    eventually("the new coupons are listed", || async {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = page(format!("/api/v1/admin/coupons?limit=2{cursor}")).await;
            let listed = page["data"].as_array().unwrap();
            assert!(listed.len() <= 2, "{page}");
            found.extend(listed.iter().map(|coupon| coupon["code"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        found.retain(|code| codes.contains(code));
        found == codes
    })
    .await;
    let ask = shop.client.ask("GET", "/api/v1/admin/coupons?limit=0").token(&shop.admin);
    ask.send().await.expect_field(422, "validation_failed", "limit");
}

async fn each_change_is_in_the_audit_with_before_and_after(shop: &Shop) {
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10 })).await;
    change(shop, &code, "*", json!({ "percent": 20 })).await.expect(200);
    delete(shop, &code).await.expect(204);
    eventually("the three changes are told", || async {
        let path = format!("/api/v1/admin/audit?subject={code}");
        let page = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
        let told = page["data"].as_array().unwrap().iter();
        let told: Vec<_> = told
            .map(|entry| {
                let percent = |when: &str| entry["details"][when]["percent"].as_u64();
                (entry["action"].as_str().unwrap().to_owned(), percent("before"), percent("after"))
            })
            .collect();
        let entry = |action: &str, before, after| (format!("coupon_{action}"), before, after);
        told == [
            entry("deleted", Some(20), None),
            entry("changed", Some(10), Some(20)),
            entry("created", None, Some(10)),
        ]
    })
    .await;
}

async fn a_percentage_an_amount_and_free_delivery_take_off_what_they_say(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let cases = [
        (json!({ "benefit": "percent", "percent": 10 }), 4_000, 4_000),
        (json!({ "benefit": "percent", "percent": 50, "at_most": rupees(30) }), 3_000, 4_000),
        (json!({ "benefit": "amount", "amount": rupees(75) }), 7_500, 4_000),
        (json!({ "benefit": "amount", "amount": rupees(5_000) }), 40_000, 4_000),
        (json!({ "benefit": "free_delivery" }), 0, 0),
    ];
    for (benefit, discount, delivery) in cases {
        let code = make_coupon(shop, benefit.clone()).await;
        assert_eq!(guest.apply(&code.to_lowercase()).await.expect(200).json()["coupon"], json!(code));
        let quote = guest.quote("560001").await;
        assert_eq!((&quote["discount"], &quote["delivery"]), (&paise(discount), &paise(delivery)), "{benefit}");
        assert_eq!(quote["problems"], json!([]));
    }
}

async fn a_coupon_counts_within_its_window(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let hour = Duration::from_secs(3600);
    let past = json!({ "benefit": "free_delivery", "ends_at": now(shop).before(hour) });
    guest.apply(&make_coupon(shop, past).await).await.expect_problem(409, "coupon_expired");
    let later = json!({ "benefit": "free_delivery", "starts_at": now(shop).after(hour) });
    guest.apply(&make_coupon(shop, later).await).await.expect_problem(409, "coupon_invalid");
    let off = json!({ "benefit": "free_delivery", "active": false });
    guest.apply(&make_coupon(shop, off).await).await.expect_problem(409, "coupon_invalid");
}

async fn a_coupon_asks_for_its_minimum(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 15_000, 10).await);
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10, "minimum": rupees(300) })).await;
    guest.add(&sku, 1).await.expect(200);
    let problem = guest.apply(&code).await.expect_problem(409, "coupon_minimum_not_met");
    assert_eq!(problem["minimum"], rupees(300));
    guest.add(&sku, 1).await.expect(200);
    guest.apply(&code).await.expect(200);
    guest.set(&sku, 1).await.expect(200);
    let quote = guest.quote("560001").await;
    assert_eq!(quote["discount"], rupees(0));
    let told = json!({ "code": "coupon_minimum_not_met", "coupon": code, "minimum": rupees(300) });
    assert!(quote["problems"].as_array().unwrap().contains(&told), "{quote}");
}

/// As placed orders count them.
async fn used(shop: &Shop, counter: String, times: u32) {
    let count = Write::Count { counter, by: times, at_most: u32::MAX };
    shop.store().commit(Changes::new(&Tenant::main()).write(count)).await.unwrap();
}

async fn a_coupon_that_was_used_up_is_refused(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10, "total_limit": 3 })).await;
    used(shop, format!("coupon/{code}"), 2).await;
    guest.apply(&code).await.expect(200);
    used(shop, format!("coupon/{code}"), 1).await;
    let quote = guest.quote("560001").await;
    assert_eq!(quote["problems"], json!([{ "code": "coupon_limit_reached", "coupon": code }]));
    assert_eq!(quote["discount"], rupees(0));
    guest.apply(&code).await.expect_problem(409, "coupon_limit_reached");
}

async fn one_customers_uses_are_counted_apart(shop: &Shop) {
    let sku = for_sale(shop, 40_000, 10).await;
    let (one, other) = (Person::new(shop).await, Person::new(shop).await);
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10, "user_limit": 1 })).await;
    used(shop, format!("coupon/{code}/{}", one.id), 1).await;
    let has_used = Shopper::customer(shop, &one);
    has_used.add(&sku, 1).await.expect(200);
    has_used.apply(&code).await.expect_problem(409, "coupon_limit_reached");
    let has_not = Shopper::customer(shop, &other);
    has_not.add(&sku, 1).await.expect(200);
    has_not.apply(&code).await.expect(200);
}

async fn a_code_that_is_none_is_refused(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    guest.apply("NO-SUCH-COUPON").await.expect_problem(409, "coupon_invalid");
    for wrong in ["", "ab", "10% OFF", &"X".repeat(33)] {
        guest.apply(wrong).await.expect_field(422, "validation_failed", "code");
    }
    let ask = guest.ask("PUT", "cart/coupon").json(&json!({ "code": "TEN", "discount": 100 }));
    ask.send().await.expect_field(422, "validation_failed", "discount");
    assert!(guest.cart().await.get("coupon").is_none());
}

async fn a_cart_holds_one_coupon_and_gives_it_back(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let ten = make_coupon(shop, json!({ "benefit": "percent", "percent": 10 })).await;
    let free = make_coupon(shop, json!({ "benefit": "free_delivery" })).await;
    guest.apply(&ten).await.expect(200);
    assert_eq!(guest.apply(&free).await.expect(200).json()["coupon"], json!(free));
    let without = guest.delete("cart/coupon").await.expect(200).json();
    assert!(without.get("coupon").is_none(), "{without}");
    let again = guest.delete("cart/coupon").await.expect(200).json();
    assert_eq!(again["version"], without["version"], "there was none to take off");
}

async fn a_coupon_that_ended_takes_nothing_off(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 40_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10 })).await;
    guest.apply(&code).await.expect(200);
    change(shop, &code, "*", json!({ "active": false })).await.expect(200);
    let told = json!([{ "code": "coupon_invalid", "coupon": code }]);
    let quote = guest.quote("560001").await;
    assert_eq!((&quote["problems"], &quote["discount"]), (&told, &rupees(0)));
    delete(shop, &code).await.expect(204);
    assert_eq!(guest.quote("560001").await["problems"], told);
    assert_eq!(guest.cart().await["coupon"], json!(code), "the customer sees which one it was");
}

async fn another_shops_coupon_is_none(shop: &Shop) {
    let code = make_coupon(shop, json!({ "benefit": "free_delivery" })).await;
    let there = Shopper::of_shop(shop, "spices.shops.example");
    there.apply(&code).await.expect_problem(409, "coupon_invalid");
    Shopper::guest(shop).apply(&code).await.expect(200);
}
