//! From the warehouse to the door.

use bharatmart_core::Role;
use serde_json::json;

use super::buying::{Buyer, moved, path, text};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    staff_brings_an_order_to_the_door_a_state_at_a_time,
    a_wrong_move_is_told_with_those_that_are_allowed,
    a_courier_makes_the_moves_that_are_a_couriers,
);

async fn staff_brings_an_order_to_the_door_a_state_at_a_time(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    for to in ["processing", "packed", "shipped", "out_for_delivery", "delivered"] {
        let answer = moved(shop, &order, to).await.expect(200).json();
        assert_eq!(answer["status"], to);
    }
    let told = buyer.get(&format!("{}/timeline", path(&order))).await.expect(200).json();
    let shipped = told["data"].as_array().unwrap().iter().find(|moved| moved["to"] == "shipped").unwrap();
    assert_eq!((text(shipped, "tracking"), text(shipped, "by")), ("DL 4711", "staff"));
    assert_eq!(buyer.order(&order).await["allowed_transitions"], json!([]));
}

async fn a_wrong_move_is_told_with_those_that_are_allowed(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let refused = moved(shop, &order, "delivered").await.expect_problem(409, "invalid_transition");
    assert_eq!(
        (&refused["allowed"], &refused["order_status"]),
        (&json!(["processing", "cancelled"]), &json!("confirmed"))
    );
    moved(shop, &order, "confirmed").await.expect_problem(409, "invalid_transition");
    let path = format!("/api/v1/admin/orders/{}/transitions", text(&order, "id"));
    let wrong = shop.client.ask("POST", &path).token(&shop.admin).json(&json!({ "to": "eaten" })).send().await;
    wrong.expect_problem(422, "validation_failed");
    let none = json!({ "id": "ord_00000000000000000000000000000000" });
    moved(shop, &none, "processing").await.expect_problem(404, "not_found");
}

async fn a_courier_makes_the_moves_that_are_a_couriers(shop: &Shop) {
    let (buyer, courier) = (Buyer::new(shop).await, Buyer::with_role(shop, Role::Delivery).await);
    let (order, _) = buyer.paid().await;
    let move_to = async |to: &str| {
        courier.post(&format!("admin/orders/{}/transitions", text(&order, "id")), &json!({ "to": to })).await
    };
    move_to("processing").await.expect_problem(409, "invalid_transition");
    for to in ["processing", "packed", "shipped"] {
        moved(shop, &order, to).await.expect(200);
    }
    for to in ["out_for_delivery", "delivered"] {
        assert_eq!(move_to(to).await.expect(200).json()["status"], to);
    }
    let told = buyer.get(&format!("{}/timeline", path(&order))).await.expect(200).json();
    assert_eq!(text(told["data"].as_array().unwrap().last().unwrap(), "by"), "courier");
}
