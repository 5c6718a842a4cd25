//! Orders of products that are deleted meanwhile: nothing of what was bought is lost with them.

use bharatmart_core::{Sku, Tenant};
use serde_json::{Value, json};

use super::buying::{Buyer, order_of, text};
use crate::cart::shopping::for_sale;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_order_keeps_its_lines_when_what_was_bought_is_deleted,
    an_order_of_what_was_deleted_is_paid_for,
    an_order_of_what_was_deleted_is_cancelled_and_its_stock_and_money_go_back,
);

/// Deletes what an order's first line is of.
async fn delete(shop: &Shop, order: &Value) {
    let product = format!("/api/v1/products/{}", text(&order["lines"][0], "product_id"));
    shop.client.ask("DELETE", &product).token(&shop.admin).send().await.expect(204);
    shop.client.get(&product).await.expect_problem(404, "not_found");
}

/// Available and reserved, from beside: what is deleted is shown to nobody.
async fn stock(shop: &Shop, order: &Value, sku: &str) -> (u32, u32) {
    let (product, sku) = (text(&order["lines"][0], "product_id").parse().unwrap(), Sku::parse(sku).unwrap());
    let levels = shop.store().stock(&Tenant::main(), product, &sku).await.unwrap().unwrap();
    (levels.available(), levels.reserved())
}

async fn an_order_keeps_its_lines_when_what_was_bought_is_deleted(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (gone, stays) = (for_sale(shop, 15_000, 12).await, for_sale(shop, 9_900, 12).await);
    let before = buyer.place(&order_of(&[(&gone, 2), (&stays, 1)], "upi")).await.expect(201).json();
    assert_eq!(before["lines"].as_array().unwrap().len(), 2, "{before}");
    delete(shop, &before).await;
    let listed = buyer.get("orders").await.expect(200).json()["data"][0].clone();
    for shown in [buyer.order(&before).await, listed] {
        for field in ["id", "number", "status", "lines", "amounts"] {
            assert_eq!(shown[field], before[field], "{field}: {shown}");
        }
    }
    let again = buyer.place(&order_of(&[(&gone, 1), (&stays, 1)], "upi")).await;
    again.expect_problem(409, "product_unavailable");
}

async fn an_order_of_what_was_deleted_is_paid_for(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    delete(shop, &order).await;
    let payment = buyer.pay(&order, "success@upi").await.expect(201).json();
    assert_eq!(payment["status"], "captured", "{payment}");
    let paid = buyer.order(&order).await;
    assert_eq!((&paid["status"], &paid["lines"]), (&json!("confirmed"), &order["lines"]));
    assert_eq!(stock(shop, &order, &sku).await, (10, 0));
}

async fn an_order_of_what_was_deleted_is_cancelled_and_its_stock_and_money_go_back(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    for (order, sku) in [buyer.ordered("upi").await, buyer.paid().await] {
        delete(shop, &order).await;
        let cancelled = buyer.cancel(&order).await.expect(200).json();
        assert_eq!((&cancelled["status"], &cancelled["lines"]), (&json!("cancelled"), &order["lines"]));
        assert_eq!(stock(shop, &order, &sku).await, (12, 0));
        let back = order["payment"]["captured"].clone();
        buyer.until_order(&order, "the money went back", |order| order["payment"]["refunded"] == back).await;
    }
}
