//! Placing an order.

use std::time::Duration;

use bharatmart_core::Timestamp;
use serde_json::json;

use super::buying::{Buyer, address, adds_up, order_of, path, stock, text};
use crate::cart::shopping::{change_product, for_sale, rupees};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_order_is_placed_from_the_cart_and_empties_it,
    an_order_is_placed_from_lines_and_its_stock_is_held,
    an_order_goes_to_an_address_of_its_customer,
    a_price_is_nothing_that_can_be_sent,
    every_mistake_in_an_order_is_named,
    an_order_asks_for_a_key,
    the_same_key_gives_the_same_order,
    anothers_order_is_not_there,
    what_cannot_be_ordered_is_told,
    a_coupon_counts_with_its_order_and_not_longer,
    orders_are_listed_newest_first,
    the_moves_of_an_order_are_told,
);

async fn an_order_is_placed_from_the_cart_and_empties_it(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 15_000, 12).await);
    buyer.post("cart/items", &json!({ "sku": sku, "quantity": 2 })).await.expect(200);
    let quote = buyer.get("cart/quote?pincode=560001").await.expect(200).json();
    let cart = buyer.get("cart").await.expect(200).json();
    let slot = &quote["delivery_slots"][0]["id"];
    let body = json!({
        "cart_id": cart["id"], "address": address(), "payment_method": "upi", "delivery_slot": slot, "note": "ring twice",
        "gstin": "27AAPFU0939F1ZV",
    });
    let order = buyer.place(&body).await.expect(201).json();
    for part in ["subtotal", "discount", "delivery", "total", "taxable", "cgst", "sgst", "igst"] {
        assert_eq!(order["amounts"][part], quote[part], "{part}: {order}");
    }
    assert_eq!((&order["delivery_slot"], &order["note"]), (slot, &json!("ring twice")));
    assert_eq!(order["gstin"], "27AAPFU0939F1ZV");
    let emptied = buyer.get("cart").await.expect(200).json();
    assert_eq!(emptied["lines"], json!([]));
    let again = json!({ "address": address(), "payment_method": "upi" });
    buyer.place(&again).await.expect_problem(409, "cart_empty");
}

async fn an_order_is_placed_from_lines_and_its_stock_is_held(shop: &Shop) {
    let (buyer, sku, other) =
        (Buyer::new(shop).await, for_sale(shop, 15_000, 12).await, for_sale(shop, 9_999, 12).await);
    let answer = buyer.place(&order_of(&[(&sku, 2), (&other, 1), (&sku, 1)], "card")).await.expect(201);
    let order = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/{}", path(&order)));
    assert!(answer.header("etag").starts_with("\"v1-"), "{answer:?}");
    assert!(text(&order, "id").starts_with("ord_"));
    let number = text(&order, "number");
    assert!(number.starts_with("BM-20") && number.len() == 14, "{number}");
    assert_eq!((&order["status"], &order["version"]), (&json!("pending_payment"), &json!(1)));
    assert_eq!(order["allowed_transitions"], json!(["cancelled"]));
    let moment = |name| Timestamp::parse(text(&order, name)).unwrap();
    assert_eq!(moment("reserved_until"), moment("placed_at").after(Duration::from_secs(15 * 60)), "{order}");
    let lines = order["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["quantity"], &lines[0]["unit_price"]), (2, &json!(3), &rupees(150)));
    adds_up(&order["amounts"]);
    lines.iter().for_each(adds_up);
    assert_eq!((stock(shop, &sku).await, stock(shop, &other).await), ((12, 3, 9), (12, 1, 11)));
    assert_eq!(buyer.order(&order).await, order);
}

async fn an_order_goes_to_an_address_of_its_customer(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await);
    let mut elsewhere = address();
    elsewhere["state"] = json!("Kerala");
    elsewhere["pincode"] = json!("682001");
    let kept = buyer.post("users/me/addresses", &elsewhere).await.expect(201).json();
    let mut body = order_of(&[(&sku, 1)], "upi");
    body.as_object_mut().unwrap().remove("address");
    body["address_id"] = kept["id"].clone();
    let order = buyer.place(&body).await.expect(201).json();
    assert_eq!(order["ship_to"]["pincode"], "682001");
    assert_eq!(order["amounts"]["cgst"], rupees(0), "across states it is IGST: {order}");
    assert!(order["amounts"]["igst"]["amount"].as_i64().unwrap() > 0);
    Buyer::new(shop).await.place(&body).await.expect_problem(404, "not_found");
}

async fn a_price_is_nothing_that_can_be_sent(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await);
    let mut body = order_of(&[(&sku, 1)], "upi");
    body["lines"][0]["unit_price"] = rupees(1);
    buyer.place(&body).await.expect_field(422, "validation_failed", "lines[0].unit_price");
    let mut body = order_of(&[(&sku, 1)], "upi");
    body["total"] = rupees(1);
    buyer.place(&body).await.expect_field(422, "validation_failed", "total");
}

async fn every_mistake_in_an_order_is_named(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let body = json!({
        "lines": [{ "sku": "no such sku!", "quantity": 0 }], "cart_id": null, "payment_method": "upi",
        "address": { "label": "home", "full_name": "", "phone": "1", "line1": "x", "city": "x", "state": "Bavaria", "pincode": "0" },
        "coupon": "!", "gstin": "27AAPFU0939F1ZX",
    });
    let problem = buyer.place(&body).await.expect_problem(422, "validation_failed");
    let named: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| text(error, "field")).collect();
    for field in ["lines[0].sku", "lines[0].quantity", "address.full_name", "address.state", "coupon", "gstin"] {
        assert!(named.contains(&field), "{field}: {named:?}");
    }
    let both = json!({ "cart_id": "crt_1", "lines": [], "address": address(), "payment_method": "upi" });
    buyer.place(&both).await.expect_field(422, "validation_failed", "lines");
    let nowhere = json!({ "lines": [{ "sku": "A", "quantity": 1 }], "payment_method": "upi" });
    buyer.place(&nowhere).await.expect_field(422, "validation_failed", "address_id");
    let mut slot = order_of(&[("A", 1)], "upi");
    slot["delivery_slot"] = json!("tomorrow");
    buyer.place(&slot).await.expect_field(422, "validation_failed", "delivery_slot");
}

async fn an_order_asks_for_a_key(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await);
    let body = order_of(&[(&sku, 1)], "upi");
    buyer.post("orders", &body).await.expect_problem(400, "idempotency_key_missing");
    buyer.ask("POST", "orders").header("x-idempotency-key", &shop.unique()).json(&body).send().await.expect(201);
}

async fn the_same_key_gives_the_same_order(shop: &Shop) {
    let (buyer, sku, key) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await, shop.unique());
    let body = order_of(&[(&sku, 1)], "upi");
    let first = buyer.place_with_key(&body, &key).await.expect(201);
    let second = buyer.place_with_key(&body, &key).await.expect(201);
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    assert_eq!((first.json(), first.header("etag")), (second.json(), second.header("etag")));
    assert_eq!(stock(shop, &sku).await, (12, 1, 11));
    let other = order_of(&[(&sku, 2)], "upi");
    buyer.place_with_key(&other, &key).await.expect_problem(422, "idempotency_key_reused");
    let another = Buyer::new(shop).await.place_with_key(&body, &key).await.expect(201).json();
    assert_ne!(another["id"], first.json()["id"], "a key is its user's own");
}

async fn anothers_order_is_not_there(shop: &Shop) {
    let (buyer, other) = (Buyer::new(shop).await, Buyer::new(shop).await);
    let (order, sku) = buyer.ordered("upi").await;
    other.get(&path(&order)).await.expect_problem(404, "not_found");
    other.get(&format!("{}/timeline", path(&order))).await.expect_problem(404, "not_found");
    other.cancel(&order).await.expect_problem(404, "not_found");
    other.pay(&order, "success@upi").await.expect_problem(404, "not_found");
    let of_order = format!("payments?order_id={}", text(&order, "id"));
    other.get(&of_order).await.expect_problem(404, "not_found");
    buyer.get("orders/nonsense").await.expect_problem(404, "not_found");
    assert_eq!(stock(shop, &sku).await, (12, 2, 10));
}

async fn what_cannot_be_ordered_is_told(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 4).await);
    let of = |quantity| order_of(&[(&sku, quantity)], "upi");
    let short = buyer.place(&of(5)).await.expect_problem(409, "insufficient_stock");
    assert_eq!((&short["sku"], &short["available"]), (&json!(sku), &json!(4)), "{short}");
    assert_eq!(short["problems"][0]["code"], "insufficient_stock");
    let none = order_of(&[("NO-SUCH-THING", 1)], "upi");
    buyer.place(&none).await.expect_problem(409, "product_unavailable");
    let cheap = for_sale(shop, 19_800, 4).await;
    buyer.place(&order_of(&[(&cheap, 1)], "upi")).await.expect_problem(409, "minimum_order_not_met");
    let mut island = of(1);
    island["address"]["pincode"] = json!("744101");
    island["address"]["state"] = json!("Andaman and Nicobar Islands");
    buyer.place(&island).await.expect_problem(409, "not_serviceable");
    let mut coupon = of(1);
    coupon["coupon"] = json!("NOSUCHCOUPON");
    buyer.place(&coupon).await.expect_problem(409, "coupon_invalid");
    change_product(shop, &sku, |product| product.status = bharatmart_core::catalog::Status::Hidden).await;
    buyer.place(&of(1)).await.expect_problem(409, "product_unavailable");
    assert_eq!(stock(shop, &cheap).await, (4, 0, 4), "a refusal holds nothing");
}

async fn a_coupon_counts_with_its_order_and_not_longer(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 50_000, 12).await);
    let code = format!("T{}", shop.unique()).to_uppercase();
    let coupon = json!({
        "code": code, "benefit": "percent", "percent": 10, "minimum": rupees(100),
        "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2036-01-01T00:00:00Z", "user_limit": 1, "active": true,
    });
    shop.client.ask("POST", "/api/v1/admin/coupons").token(&shop.admin).json(&coupon).send().await.expect(201);
    let mut body = order_of(&[(&sku, 1)], "upi");
    body["coupon"] = json!(code.to_lowercase());
    let order = buyer.place(&body).await.expect(201).json();
    assert_eq!((&order["coupon"], &order["amounts"]["discount"]), (&json!(code), &rupees(50)));
    adds_up(&order["amounts"]);
    buyer.place(&body).await.expect_problem(409, "coupon_limit_reached");
    buyer.cancel(&order).await.expect(200);
    buyer.place(&body).await.expect(201);
}

async fn orders_are_listed_newest_first(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await);
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.insert(0, buyer.place(&order_of(&[(&sku, 1)], "upi")).await.expect(201).json()["id"].clone());
    }
    let first = buyer.get("orders?limit=2").await.expect(200).json();
    let ids = |page: &serde_json::Value| -> Vec<_> {
        page["data"].as_array().unwrap().iter().map(|order| order["id"].clone()).collect()
    };
    assert_eq!(ids(&first), placed[..2]);
    let next = format!("orders?limit=2&cursor={}", text(&first, "next_cursor"));
    let second = buyer.get(&next).await.expect(200).json();
    assert_eq!((ids(&second), &second["next_cursor"]), (placed[2..].to_vec(), &json!(null)));
    let of_user = format!("/api/v1/admin/orders?user_id={}&status=pending_payment", buyer.who.id);
    let all = shop.client.ask("GET", &of_user).token(&shop.admin).send().await.expect(200).json();
    assert_eq!(ids(&all), placed);
    let none = format!("/api/v1/admin/orders?user_id={}&status=delivered", buyer.who.id);
    let none = shop.client.ask("GET", &none).token(&shop.admin).send().await.expect(200).json();
    assert_eq!(ids(&none), Vec::<serde_json::Value>::new());
}

async fn the_moves_of_an_order_are_told(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let told = buyer.get(&format!("{}/timeline", path(&order))).await.expect(200).json();
    let moves: Vec<_> =
        told["data"].as_array().unwrap().iter().map(|moved| (text(moved, "to"), text(moved, "by"))).collect();
    assert_eq!(moves, [("pending_payment", "customer"), ("confirmed", "shop")]);
}
