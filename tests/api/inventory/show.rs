//! How much there is of a SKU.

use bharatmart_core::catalog::{ProductRef, Status};
use bharatmart_core::{Changes, Expect, Role, Tenant, Write};
use serde_json::{Value, json};

use super::{Item, give_back, sell};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    anybody_may_see_how_much_there_is,
    what_is_reserved_is_on_hand_and_not_available,
    a_sku_nobody_sells_is_not_there,
    who_manages_it_sees_where_it_lies,
    what_customers_cannot_find_has_stock_to_show_for_its_managers_alone,
);

async fn anybody_may_see_how_much_there_is(shop: &Shop) {
    let item = Item::new(shop).await;
    let expected = json!({ "sku": item.sku.as_str(), "on_hand": 12, "reserved": 0, "available": 12 });
    assert_eq!(item.stock(shop).await, expected);
    let path = format!("/api/v1/inventory/{}", item.sku.as_str().to_lowercase());
    assert_eq!(shop.client.get(&path).await.expect(200).json(), expected, "a SKU has one spelling");
    shop.client.get(&format!("{path}?verbose=1")).await.expect_field(422, "validation_failed", "verbose");
}

async fn what_is_reserved_is_on_hand_and_not_available(shop: &Shop) {
    let item = Item::new(shop).await;
    let figures = async || {
        let stock = item.stock(shop).await;
        [&stock["on_hand"], &stock["reserved"], &stock["available"]].map(|figure| figure.as_u64().unwrap())
    };
    let (first, second) = (item.held(shop, 5).await, item.held(shop, 3).await);
    assert_eq!(figures().await, [12, 8, 4]);
    sell(shop, &first).await;
    assert_eq!(figures().await, [7, 3, 4]);
    give_back(shop, &second).await;
    assert_eq!(figures().await, [7, 0, 7]);
}

async fn a_sku_nobody_sells_is_not_there(shop: &Shop) {
    let long = "X".repeat(65);
    for sku in ["NOBODY-SELLS-THIS", "a%20b", "%E0%A4%86", "..", "'--", &long] {
        shop.client.get(&format!("/api/v1/inventory/{sku}")).await.expect_problem(404, "not_found");
        for (method, path) in [("POST", "adjust"), ("GET", "log"), ("GET", "locations")] {
            let ask = shop.client.ask(method, &format!("/api/v1/inventory/{sku}/{path}")).token(&shop.admin);
            let body = json!({ "delta": 1, "reason": "counted" });
            let ask = if method == "POST" { ask.json(&body) } else { ask };
            ask.send().await.expect_problem(404, "not_found");
        }
    }
}

async fn who_manages_it_sees_where_it_lies(shop: &Shop) {
    let item = Item::new(shop).await;
    item.held(shop, 5).await;
    item.adjust(shop, &json!({ "delta": 30, "reason": "delivered", "location": "pune-2" })).await.expect(200);
    let expected = json!({
        "sku": item.sku.as_str(), "on_hand": 42, "reserved": 5, "available": 37,
        "locations": [
            { "location": "main", "on_hand": 12, "reserved": 5, "available": 7 },
            { "location": "pune-2", "on_hand": 30, "reserved": 0, "available": 30 },
        ],
    });
    assert_eq!(item.locations(shop, &shop.admin).await.expect(200).json(), expected);
    let seller = shop.somebody(Role::Seller, &Tenant::main()).await;
    assert_eq!(item.locations(shop, &seller.token).await.expect(200).json(), expected);
    let customer = shop.somebody(Role::Customer, &Tenant::main()).await;
    item.locations(shop, &customer.token).await.expect_problem(403, "forbidden");
    assert_eq!(item.stock(shop).await["locations"], Value::Null, "customers are told the sum");
}

async fn what_customers_cannot_find_has_stock_to_show_for_its_managers_alone(shop: &Shop) {
    let item = Item::new(shop).await;
    let by_id = ProductRef::Id(item.product);
    let mut product = shop.store().product(&Tenant::main(), &by_id).await.unwrap().unwrap().product;
    let expect = Expect::Version(product.version);
    product.version += 1;
    product.status = Status::Hidden;
    let hidden = Write::Product { product: Box::new(product), expect };
    shop.store().commit(Changes::new(&Tenant::main()).write(hidden)).await.unwrap();
    let path = format!("/api/v1/inventory/{}", item.sku);
    shop.client.get(&path).await.expect_problem(404, "not_found");
    item.move_by(shop, 3).await;
    assert_eq!(item.locations(shop, &shop.admin).await.expect(200).json()["available"], 15);
}
