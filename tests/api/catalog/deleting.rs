//! Categories that go: empty ones, while products come in, and after a crash.

use bharatmart_core::Hand;
use bharatmart_core::catalog::removal;
use serde_json::{Value, json};

use super::categories::path;
use super::{Desk, text};
use crate::client::Answer;
use crate::inventory::send_events;
use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_category_in_use_stays,
    a_product_does_not_lose_its_category_to_a_deletion,
    a_deletion_that_was_cut_short_is_ended,
);

async fn a_category_in_use_stays(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let child = desk.category(&json!({ "name": "Tea", "parent": "groceries" })).await;
    desk.managing("DELETE", "categories/groceries").send().await.expect_problem(409, "category_in_use");
    let mut tea = product("Assam");
    tea["category"] = json!("tea");
    let tea = desk.send("POST", "products", &tea).await.expect(201).json();
    let tea = format!("products/{}", text(&tea, "id"));
    desk.patch(&tea, &json!({ "status": "hidden" })).await.expect(200);
    desk.managing("DELETE", &path(&child)).send().await.expect_problem(409, "category_in_use");
    desk.managing("DELETE", &tea).send().await.expect(204);
    let id = text(&child, "id");
    desk.managing("DELETE", &format!("categories/{id}")).send().await.expect(204);
    desk.managing("DELETE", &format!("categories/{id}")).send().await.expect_problem(404, "not_found");
    desk.until("it is gone", async || desk.get("categories/tea").await.status == 404).await;
    let mut again = product("Darjeeling");
    again["category"] = json!("tea");
    desk.send("POST", "products", &again).await.expect_field(422, "validation_failed", "category");
    desk.managing("DELETE", "categories/groceries").send().await.expect(204);
}

/// Whoever of the two comes first, no product is in a category that is not there.
async fn a_product_does_not_lose_its_category_to_a_deletion(shop: &Shop) {
    let desk = Desk::open(shop).await;
    for round in 0..5 {
        let slug = format!("brief-{round}");
        desk.category(&json!({ "name": slug })).await;
        let mut input = product(&format!("Thing {round}"));
        input["category"] = json!(slug);
        let create = async || desk.send("POST", "products", &input).await;
        let delete = async || desk.managing("DELETE", &format!("categories/{slug}")).send().await;
        let (created, deleted): (Answer, Answer) = tokio::join!(create(), delete());
        match (created.status.as_u16(), deleted.status.as_u16()) {
            (422, 204) => {}
            (201, 409) => {
                let path = format!("products/{}", text(&created.json(), "id"));
                assert_eq!(desk.get(&path).await.expect(200).json()["category"]["slug"], slug.as_str());
                desk.until("the category is back", async || {
                    desk.get(&format!("categories/{slug}")).await.status == 200 //
                })
                .await;
            }
            // The list of a category may lag so far behind that neither sees the other: the product is shown all the same.
            (201, 204) => {
                let path = format!("products/{}", text(&created.json(), "id"));
                assert_eq!(desk.get(&path).await.expect(200).json()["category"]["slug"], slug.as_str());
            }
            _ => panic!("{created:?} {deleted:?}"),
        }
    }
}

/// What a deletion that crashes leaves: its first commit, whose event the sweeper sends.
async fn cut_short(desk: &Desk<'_>, category: &Value) {
    let (shop, id) = (desk.shop, text(category, "id"));
    let known = shop.store().categories(&desk.tenant).await.unwrap();
    let category = known.iter().find(|known| known.id.to_string() == id).unwrap();
    let app = shop.cloud.app();
    let hand = Hand::shop(&desk.tenant, app.clock.as_ref(), app.ids.as_ref());
    shop.store().commit(removal::remove(hand, category).changes).await.unwrap();
    send_events(shop).await;
}

async fn a_deletion_that_was_cut_short_is_ended(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let [empty, used] = ["Empty", "Used"].map(|name| json!({ "name": name }));
    let (empty, used) = (desk.category(&empty).await, desk.category(&used).await);
    let mut input = product("Came In Between");
    input["category"] = json!("used");
    let product = desk.send("POST", "products", &input).await.expect(201).json();
    cut_short(&desk, &empty).await;
    cut_short(&desk, &used).await;
    desk.until("another may have the slug", async || {
        let answer = desk.send("POST", "categories", &json!({ "name": "Anew", "slug": "empty" })).await;
        answer.status == 201
    })
    .await;
    desk.until("what is in use is back", async || desk.get(&path(&used)).await.status == 200).await;
    let row = desk.get(&format!("products/{}", text(&product, "id"))).await.expect(200).json();
    assert_eq!(row["category"]["slug"], "used");
    assert_eq!(desk.get("categories/empty").await.expect(200).json()["name"], "Anew");
    desk.get(&format!("categories/{}", text(&empty, "id"))).await.expect_problem(404, "not_found");
}
