//! What is in a cart: at the catalogue's prices, within its rules and stock.

use bharatmart_core::Paise;
use bharatmart_core::catalog::Status;
use serde_json::{Value, json};

use super::shopping::{Shopper, change_product, for_sale, many_for_sale, paise, quantity, rupees, sell, sold_as};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_line_shows_what_the_catalogue_says,
    adding_is_on_top_and_setting_is_in_place,
    a_line_is_taken_out_once,
    a_price_of_the_callers_own_is_refused,
    a_wrong_quantity_or_sku_names_the_field,
    no_more_is_put_in_than_there_is,
    the_products_rule_is_kept,
    what_is_not_for_sale_is_not_put_in,
    the_price_is_the_catalogues_whenever_it_is_looked_at,
    a_line_tells_what_stands_in_its_way,
    a_cart_holds_fifty_lines,
);

async fn a_line_shows_what_the_catalogue_says(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 12_345, 7).await);
    let cart = guest.add(&sku.to_lowercase(), 2).await.expect(200).json();
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut of_cart = fields(&cart);
    of_cart.sort();
    assert_eq!(of_cart, ["expires_at", "id", "lines", "subtotal", "version"]);
    let line = &cart["lines"][0];
    let mut of_line = fields(line);
    of_line.sort();
    let wanted = ["available", "image", "line_total", "name", "product_id", "quantity", "sku", "unit_price"];
    assert_eq!(of_line, wanted);
    assert!(line["product_id"].as_str().unwrap().starts_with("prd_"), "{line}");
    assert_eq!((&line["name"], &line["sku"]), (&json!("For The Cart"), &json!(sku)));
    assert_eq!((&line["unit_price"], &line["line_total"]), (&paise(12_345), &paise(24_690)));
    assert_eq!((&line["quantity"], &line["available"]), (&json!(2), &json!(7)));
    assert_eq!(cart["subtotal"], paise(24_690));
}

async fn adding_is_on_top_and_setting_is_in_place(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 2).await.expect(200);
    assert_eq!(quantity(&guest.add(&sku, 3).await.expect(200).json(), &sku), 5);
    assert_eq!(quantity(&guest.set(&sku, 1).await.expect(200).json(), &sku), 1);
    let other = for_sale(shop, 10_000, 10).await;
    let cart = guest.set(&other, 4).await.expect(200).json();
    assert_eq!((quantity(&cart, &other), &cart["subtotal"]), (4, &rupees(450)));
}

async fn a_line_is_taken_out_once(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    let other = for_sale(shop, 5_000, 10).await;
    guest.add(&sku, 2).await.expect(200);
    guest.add(&other, 2).await.expect(200);
    let path = format!("cart/items/{sku}");
    let cart = guest.delete(&path).await.expect(200).json();
    assert_eq!((quantity(&cart, &sku), quantity(&cart, &other)), (0, 2));
    guest.delete(&path).await.expect_problem(404, "not_found");
}

async fn a_price_of_the_callers_own_is_refused(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    for (field, value) in [("price", paise(1)), ("unit_price", paise(1)), ("discount", paise(100)), ("total", json!(0))]
    {
        let mut body = json!({ "sku": sku, "quantity": 1 });
        body[field] = value.clone();
        guest.post("cart/items", &body).await.expect_field(422, "validation_failed", field);
        let mut body = json!({ "quantity": 1 });
        body[field] = value;
        let put = guest.ask("PUT", &format!("cart/items/{sku}")).json(&body).send().await;
        put.expect_field(422, "validation_failed", field);
    }
    assert_eq!(guest.cart().await["lines"], json!([]));
}

async fn a_wrong_quantity_or_sku_names_the_field(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    let wrong = [json!(0), json!(-1), json!(1_001), json!(1.5), json!("2"), json!(null), json!(1e30), json!(i64::MAX)];
    for quantity in wrong {
        let body = json!({ "sku": sku, "quantity": quantity });
        guest.post("cart/items", &body).await.expect_field(422, "validation_failed", "quantity");
        let put = guest.ask("PUT", &format!("cart/items/{sku}")).json(&json!({ "quantity": quantity }));
        put.send().await.expect_field(422, "validation_failed", "quantity");
    }
    for wrong in [json!(""), json!("no spaces"), json!("x".repeat(65)), json!(7), json!("<b>")] {
        let body = json!({ "sku": wrong, "quantity": 1 });
        guest.post("cart/items", &body).await.expect_field(422, "validation_failed", "sku");
    }
    let both = guest.post("cart/items", &json!({ "sku": "a b", "quantity": 0 })).await;
    let problem = both.expect_problem(422, "validation_failed");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    guest.set("a%20b", 1).await.expect_field(422, "validation_failed", "sku");
    guest.get("cart?page=1").await.expect_field(422, "validation_failed", "page");
}

async fn no_more_is_put_in_than_there_is(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 4).await);
    guest.add(&sku, 3).await.expect(200);
    for answer in [guest.add(&sku, 2).await, guest.set(&sku, 5).await] {
        assert_eq!(answer.expect_problem(409, "insufficient_stock")["available"], 4);
    }
    assert_eq!(quantity(&guest.set(&sku, 4).await.expect(200).json(), &sku), 4);
}

async fn the_products_rule_is_kept(shop: &Shop) {
    let by_threes = json!({ "min_quantity": 3, "max_quantity": 9, "step": 3 });
    let (guest, sku) = (Shopper::guest(shop), sold_as(shop, 5_000, 100, by_threes).await);
    for wrong in [1, 2, 4, 10, 12] {
        let problem = guest.add(&sku, wrong).await.expect_problem(409, "quantity_rule");
        assert_eq!((&problem["min"], &problem["max"], &problem["step"]), (&json!(3), &json!(9), &json!(3)));
    }
    guest.add(&sku, 6).await.expect(200);
    guest.add(&sku, 6).await.expect_problem(409, "quantity_rule");
    assert_eq!(quantity(&guest.add(&sku, 3).await.expect(200).json(), &sku), 9);
}

async fn what_is_not_for_sale_is_not_put_in(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add("NO-SUCH-THING", 1).await.expect_problem(409, "product_unavailable");
    guest.set("NO-SUCH-THING", 1).await.expect_problem(409, "product_unavailable");
    change_product(shop, &sku, |product| product.status = Status::Hidden).await;
    guest.add(&sku, 1).await.expect_problem(409, "product_unavailable");
    assert!(guest.cart_token().is_none(), "a cart was kept of it");
}

async fn the_price_is_the_catalogues_whenever_it_is_looked_at(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 2).await.expect(200);
    change_product(shop, &sku, |product| product.variants[0].price = Paise::from_rupees(70)).await;
    let cart = guest.cart().await;
    assert_eq!((&cart["lines"][0]["unit_price"], &cart["subtotal"]), (&rupees(70), &rupees(140)));
    assert_eq!(cart["lines"][0]["problem"], json!({ "code": "price_changed", "was": rupees(50) }));
    let changed = guest.set(&sku, 1).await.expect(200).json();
    assert!(changed["lines"][0].get("problem").is_none(), "who changes the line sees its price: {changed}");
}

async fn a_line_tells_what_stands_in_its_way(shop: &Shop) {
    let guest = Shopper::guest(shop);
    let (short, hidden) = (for_sale(shop, 5_000, 5).await, for_sale(shop, 5_000, 5).await);
    guest.add(&short, 4).await.expect(200);
    guest.add(&hidden, 4).await.expect(200);
    sell(shop, &short, 3).await;
    change_product(shop, &hidden, |product| product.status = Status::Hidden).await;
    let cart = guest.cart().await;
    assert_eq!(cart["lines"][0]["problem"], json!({ "code": "insufficient_stock", "available": 2 }));
    assert_eq!(cart["lines"][1]["problem"], json!({ "code": "product_unavailable" }));
    let left = guest.delete(&format!("cart/items/{hidden}")).await.expect(200).json();
    assert_eq!(left["lines"].as_array().unwrap().len(), 1, "what is not sold any more can be taken out");
}

async fn a_cart_holds_fifty_lines(shop: &Shop) {
    let (guest, skus) = (Shopper::guest(shop), many_for_sale(shop, 51).await);
    for sku in &skus[..50] {
        guest.add(sku, 1).await.expect(200);
    }
    guest.add(&skus[50], 1).await.expect_problem(409, "cart_full");
    guest.set(&skus[50], 1).await.expect_problem(409, "cart_full");
    let cart = guest.add(&skus[0], 1).await.expect(200).json();
    assert_eq!((cart["lines"].as_array().unwrap().len(), quantity(&cart, &skus[0])), (50, 2));
    guest.delete(&format!("cart/items/{}", skus[1])).await.expect(200);
    guest.add(&skus[50], 1).await.expect(200);
}
