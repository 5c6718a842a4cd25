//! The cart is looked over before an order: what has changed since it was filled.

use bharatmart_core::Paise;
use bharatmart_core::catalog::Status;
use serde_json::json;

use super::coupons::make_coupon;
use super::shopping::{Shopper, change_product, for_sale, rupees, sell};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_cart_that_stands_is_valid,
    what_is_too_little_for_an_order_is_told,
    what_changed_since_is_told,
    new_prices_are_told_until_they_are_accepted,
    a_coupon_that_holds_no_more_is_told,
    a_wrong_body_names_the_field,
);

async fn a_cart_that_stands_is_valid(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 20_000, 10).await);
    let cart = guest.add(&sku, 1).await.expect(200).json();
    let wanted = json!({ "valid": true, "version": 1, "problems": [], "cart": cart });
    assert_eq!(guest.post("cart/validate", &json!({})).await.expect(200).json(), wanted);
    let without_body = guest.ask("POST", "cart/validate").send().await.expect(200);
    assert_eq!(without_body.json(), wanted);
}

async fn what_is_too_little_for_an_order_is_told(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    let short_by = async |short: i64| {
        let seen = guest.post("cart/validate", &json!({})).await.expect(200).json();
        let told = json!([{ "code": "minimum_order_not_met", "minimum": rupees(199), "short_by": rupees(short) }]);
        assert_eq!((&seen["valid"], &seen["problems"]), (&json!(false), &told));
    };
    short_by(199).await;
    guest.add(&sku, 3).await.expect(200);
    short_by(49).await;
    guest.add(&sku, 1).await.expect(200);
    assert_eq!(guest.post("cart/validate", &json!({})).await.expect(200).json()["valid"], true);
}

async fn what_changed_since_is_told(shop: &Shop) {
    let guest = Shopper::guest(shop);
    let (short, hidden) = (for_sale(shop, 5_000, 5).await, for_sale(shop, 5_000, 5).await);
    guest.add(&for_sale(shop, 20_000, 5).await, 1).await.expect(200);
    guest.add(&short, 5).await.expect(200);
    guest.add(&hidden, 1).await.expect(200);
    sell(shop, &short, 1).await;
    change_product(shop, &hidden, |product| product.status = Status::Hidden).await;
    let seen = guest.post("cart/validate", &json!({})).await.expect(200).json();
    let told = json!([
        { "code": "insufficient_stock", "sku": short, "available": 4 },
        { "code": "product_unavailable", "sku": hidden },
    ]);
    assert_eq!((&seen["valid"], &seen["problems"], &seen["version"]), (&json!(false), &told, &json!(3)));
    guest.set(&short, 4).await.expect(200);
    guest.delete(&format!("cart/items/{hidden}")).await.expect(200);
    assert_eq!(guest.post("cart/validate", &json!({})).await.expect(200).json()["valid"], true);
}

async fn new_prices_are_told_until_they_are_accepted(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 4).await.expect(200);
    change_product(shop, &sku, |product| product.variants[0].price = Paise::from_rupees(60)).await;
    for _ in 0..2 {
        let seen = guest.post("cart/validate", &json!({ "accept_prices": false })).await.expect(200).json();
        assert_eq!(seen["problems"], json!([{ "code": "price_changed", "sku": sku, "was": rupees(50) }]));
        assert_eq!((&seen["valid"], &seen["version"]), (&json!(true), &json!(1)), "a new price hinders nothing");
    }
    let accepted = guest.post("cart/validate", &json!({ "accept_prices": true })).await.expect(200).json();
    assert_eq!((&accepted["problems"], &accepted["version"]), (&json!([]), &json!(2)));
    assert_eq!(accepted["cart"]["subtotal"], rupees(240));
    let again = guest.post("cart/validate", &json!({ "accept_prices": true })).await.expect(200).json();
    assert_eq!(again["version"], 2, "there was nothing to accept");
}

async fn a_coupon_that_holds_no_more_is_told(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 20_000, 10).await);
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 10, "minimum": rupees(400) })).await;
    guest.add(&sku, 2).await.expect(200);
    guest.apply(&code).await.expect(200);
    guest.set(&sku, 1).await.expect(200);
    let seen = guest.post("cart/validate", &json!({})).await.expect(200).json();
    let told = json!([{ "code": "coupon_minimum_not_met", "coupon": code, "minimum": rupees(400) }]);
    assert_eq!((&seen["valid"], &seen["problems"]), (&json!(false), &told));
}

async fn a_wrong_body_names_the_field(shop: &Shop) {
    let guest = Shopper::guest(shop);
    for (field, body) in [("accept_prices", json!({ "accept_prices": 1 })), ("prices", json!({ "prices": [] }))] {
        guest.post("cart/validate", &body).await.expect_field(422, "validation_failed", field);
    }
}
