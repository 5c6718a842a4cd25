//! Cash on delivery: confirmed by a code to the phone, paid at the door.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::buying::{Buyer, books_agree, moved, order_of, path, stock};
use crate::cart::shopping::{for_sale, rupees};
use crate::identity::people::{new_phone, texted_code};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_code_to_the_phone_confirms_the_order_and_the_door_pays_it,
    a_wrong_code_confirms_nothing_and_three_end_it,
    a_new_code_takes_the_place_of_the_one_before,
    a_code_of_an_order_is_no_login,
    not_everything_is_paid_at_the_door,
    of_ten_orders_at_once_three_are_to_be_paid_at_the_door,
    an_order_that_ended_makes_room_for_another,
);

async fn placed(buyer: &Buyer<'_>) -> (Value, String, String) {
    let (phone, sku) = (new_phone(), for_sale(buyer.shop, 25_000, 12).await);
    let mut body = order_of(&[(&sku, 1)], "cod");
    body["address"]["phone"] = json!(phone);
    (buyer.place(&body).await.expect(201).json(), phone, sku)
}

async fn confirm(buyer: &Buyer<'_>, order: &Value, code: &str) -> crate::client::Answer {
    buyer.post(&format!("{}/cod/confirm", path(order)), &json!({ "code": code })).await
}

async fn a_code_to_the_phone_confirms_the_order_and_the_door_pays_it(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, phone, sku) = placed(&buyer).await;
    assert_eq!((&order["status"], &order["payment"]["method"]), (&json!("awaiting_cod_code"), &json!("cod")));
    assert_eq!(stock(shop, &sku).await, (12, 1, 11));
    buyer.pay(&order, "success@upi").await.expect_problem(409, "order_not_payable");
    let code = texted_code(shop, &phone, None).await;
    let confirmed = confirm(&buyer, &order, &code).await.expect(200).json();
    assert_eq!((&confirmed["status"], stock(shop, &sku).await), (&json!("confirmed"), (11, 0, 11)));
    confirm(&buyer, &order, &code).await.expect_problem(409, "invalid_transition");
    for to in ["processing", "packed", "shipped", "out_for_delivery"] {
        moved(shop, &order, to).await.expect(200);
    }
    assert_eq!(buyer.order(&order).await["payment"]["status"], "pending");
    moved(shop, &order, "delivered").await.expect(200);
    let paid = buyer.order(&order).await;
    assert_eq!(
        (&paid["payment"]["status"], &paid["payment"]["captured"]),
        (&json!("captured"), &order["amounts"]["total"])
    );
    books_agree(shop, &paid).await;
    let payment = buyer.payments(&order).await.remove(0);
    let refunds = format!("/api/v1/payments/{}/refunds", payment["id"].as_str().unwrap());
    let back = shop.client.ask("POST", &refunds).token(&shop.admin).json(&json!({ "reason": "broken" })).send().await;
    back.expect_problem(409, "not_refundable");
}

async fn a_wrong_code_confirms_nothing_and_three_end_it(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, phone, _) = placed(&buyer).await;
    let code = texted_code(shop, &phone, None).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        confirm(&buyer, &order, wrong).await.expect_problem(422, "cod_code_invalid");
    }
    confirm(&buyer, &order, &code).await.expect_problem(429, "cod_code_attempts_exceeded");
    assert_eq!(buyer.order(&order).await["status"], "awaiting_cod_code");
    let other = Buyer::new(shop).await;
    confirm(&other, &order, &code).await.expect_problem(404, "not_found");
}

async fn a_new_code_takes_the_place_of_the_one_before(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, phone, _) = placed(&buyer).await;
    let first = texted_code(shop, &phone, None).await;
    let resend = format!("{}/cod/resend", path(&order));
    let sent = buyer.ask("POST", &resend).send().await.expect(202).json();
    assert_eq!(sent["expires_in"], 300);
    let second = texted_code(shop, &phone, Some(&first)).await;
    if first != second {
        confirm(&buyer, &order, &first).await.expect_problem(422, "cod_code_invalid");
    }
    confirm(&buyer, &order, &second).await.expect(200);
    buyer.ask("POST", &resend).send().await.expect_problem(409, "invalid_transition");
}

async fn a_code_of_an_order_is_no_login(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, phone, _) = placed(&buyer).await;
    let code = texted_code(shop, &phone, None).await;
    let login = json!({ "phone": phone, "code": code });
    let answer = shop.client.ask("POST", "/api/v1/auth/otp/verify").json(&login).send().await;
    answer.expect_problem(401, "otp_invalid");
    confirm(&buyer, &order, &code).await.expect(200);
}

async fn not_everything_is_paid_at_the_door(shop: &Shop) {
    let (buyer, dear, sku) =
        (Buyer::new(shop).await, for_sale(shop, 600_000, 5).await, for_sale(shop, 25_000, 50).await);
    let refused = buyer.place(&order_of(&[(&dear, 1)], "cod")).await.expect_problem(409, "cod_unavailable");
    assert_eq!(refused["at_most"], rupees(5_000));
    for _ in 0..3 {
        buyer.place(&order_of(&[(&sku, 1)], "cod")).await.expect(201);
    }
    let fourth = buyer.place(&order_of(&[(&sku, 1)], "cod")).await.expect_problem(409, "cod_unavailable");
    assert_eq!((&fourth["open_orders"], stock(shop, &sku).await), (&json!(3), (50, 3, 47)));
}

async fn of_ten_orders_at_once_three_are_to_be_paid_at_the_door(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 50).await);
    let body = order_of(&[(&sku, 1)], "cod");
    let answers = join_all((0..10).map(|_| buyer.place(&body))).await;
    let (placed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    for answer in refused {
        assert_eq!(answer.expect_problem(409, "cod_unavailable")["open_orders"], 3);
    }
    assert_eq!((placed.len(), stock(shop, &sku).await), (3, (50, 3, 47)));
}

async fn an_order_that_ended_makes_room_for_another(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (delivered, phone, sku) = placed(&buyer).await;
    let body = order_of(&[(&sku, 1)], "cod");
    let cancelled = buyer.place(&body).await.expect(201).json();
    buyer.place(&body).await.expect(201);
    buyer.place(&body).await.expect_problem(409, "cod_unavailable");
    // Once, however often it is asked for.
    for answer in join_all((0..4).map(|_| buyer.cancel(&cancelled))).await {
        assert!(matches!(answer.status.as_u16(), 200 | 409), "{answer:?}");
    }
    buyer.place(&body).await.expect(201);
    buyer.place(&body).await.expect_problem(409, "cod_unavailable");
    confirm(&buyer, &delivered, &texted_code(shop, &phone, None).await).await.expect(200);
    for to in ["processing", "packed", "shipped", "out_for_delivery", "delivered"] {
        moved(shop, &delivered, to).await.expect(200);
    }
    buyer.place(&body).await.expect(201);
    buyer.place(&body).await.expect_problem(409, "cod_unavailable");
}
