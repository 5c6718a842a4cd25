//! What a customer would like to have.

use bharatmart_core::catalog::{MAX_WISHES, WISH, Wish};
use bharatmart_core::record::Listing;
use bharatmart_core::{Changes, Expect, ProductId, Role, UserId};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Desk, each, text};
use crate::client::Answer;
use crate::identity::people::awaited;
use crate::world::{Shop, Somebody, on_every_shop};

on_every_shop!(
    wishes_come_newest_first_as_products_are_listed,
    to_wish_twice_is_to_wish_once,
    what_is_not_sold_is_left_out,
    there_are_at_most_two_hundred,
    each_has_a_wishlist_of_ones_own,
);

async fn put(desk: &Desk<'_>, who: &Somebody, product: &str) -> Answer {
    desk.ask("PUT", &format!("users/me/wishlist/{product}")).token(&who.token).send().await
}

async fn list(desk: &Desk<'_>, who: &Somebody) -> Value {
    desk.ask("GET", "users/me/wishlist").token(&who.token).send().await.expect(200).json()
}

async fn wishes_come_newest_first_as_products_are_listed(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let asha = desk.somebody(Role::Customer).await;
    let mut ids = Vec::new();
    for name in ["Oldest", "Middle", "Newest"] {
        ids.push(text(&desk.product(name).await, "id").to_owned());
    }
    // In another order than they were made.
    for id in [&ids[2], &ids[0], &ids[1]] {
        let path = format!("users/me/wishlist/{id}");
        desk.ask("PUT", &path).token(&asha.token).send().await.expect(204);
    }
    let wishes = list(&desk, &asha).await;
    assert_eq!(each(&wishes, "id"), [&ids[1], &ids[0], &ids[2]].map(String::clone));
    let row = &wishes["data"][0];
    assert_eq!((&row["variants"][0]["availability"], &row["name"]), (&json!("in_stock"), &json!("Middle")));
    assert!(row["added_at"].is_string() && row["category"]["slug"] == "groceries", "{row}");
    let path = format!("users/me/wishlist/{}", ids[0]);
    for _ in 0..2 {
        desk.ask("DELETE", &path).token(&asha.token).send().await.expect(204);
    }
    assert_eq!(each(&list(&desk, &asha).await, "id"), [&ids[1], &ids[2]].map(String::clone));
}

async fn to_wish_twice_is_to_wish_once(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let asha = desk.somebody(Role::Customer).await;
    let id = text(&desk.product("Once").await, "id").to_owned();
    for answer in join_all((0..8).map(|_| put(&desk, &asha, &id))).await {
        answer.expect(204);
    }
    assert_eq!(list(&desk, &asha).await["total"], 1);
    put(&desk, &asha, "prd_00000000000000000000000000000000").await.expect_problem(404, "not_found");
    put(&desk, &asha, "nonsense").await.expect_problem(404, "not_found");
}

async fn what_is_not_sold_is_left_out(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let asha = desk.somebody(Role::Customer).await;
    let (hidden, deleted) = (desk.product("Hidden").await, desk.product("Deleted").await);
    for product in [&hidden, &deleted] {
        put(&desk, &asha, text(product, "id")).await.expect(204);
    }
    let path = format!("products/{}", text(&hidden, "id"));
    desk.patch(&path, &json!({ "status": "hidden" })).await.expect(200);
    desk.managing("DELETE", &format!("products/{}", text(&deleted, "id"))).send().await.expect(204);
    assert_eq!(list(&desk, &asha).await["total"], 0);
    put(&desk, &asha, text(&deleted, "id")).await.expect_problem(404, "not_found");
    desk.patch(&path, &json!({ "status": "active" })).await.expect(200);
    assert_eq!(each(&list(&desk, &asha).await, "name"), ["Hidden"], "it is back");
}

/// Whoever finds the list busy comes again.
async fn settled(desk: &Desk<'_>, who: &Somebody, product: &Value) -> Answer {
    awaited("the shop has made up its mind", async || {
        let answer = put(desk, who, text(product, "id")).await;
        (answer.status != 503).then_some(answer)
    })
    .await
}

/// Ten places are left, and twenty come at once: ten find room, and no place stays empty.
async fn there_are_at_most_two_hundred(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let asha = desk.somebody(Role::Customer).await;
    let (app, user_id) = (shop.cloud.app(), asha.id.parse::<UserId>().unwrap());
    let added_at = app.clock.now();
    let wishes: Vec<_> = (0..MAX_WISHES - 10)
        .map(|_| Wish { user_id, product_id: ProductId::new(app.ids.as_ref()), version: 1, added_at })
        .collect();
    for some in wishes.chunks(90) {
        let put = |changes: Changes, wish: &Wish| changes.put(wish, Expect::New);
        shop.store().commit(some.iter().fold(Changes::new(&desk.tenant), put)).await.unwrap();
    }
    let products = join_all((0..20).map(async |n| desk.product(&format!("Late {n}")).await)).await;
    let answers = join_all(products.iter().map(|product| settled(&desk, &asha, product))).await;
    let added = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(added, 10, "{answers:?}");
    for answer in answers.into_iter().filter(|answer| answer.status != 204) {
        answer.expect_problem(409, "wishlist_full");
    }
    let wished = list(&desk, &asha).await;
    assert_eq!(wished["total"], 10, "the rest is of products that are not there");
    // What is on it already is no more of them.
    put(&desk, &asha, text(&wished["data"][0], "id")).await.expect(204);
    // One goes, and one of two finds room.
    let path = format!("users/me/wishlist/{}", text(&wished["data"][0], "id"));
    desk.ask("DELETE", &path).token(&asha.token).send().await.expect(204);
    let late = products.iter().filter(|product| !each(&wished, "id").contains(&text(product, "id").to_owned()));
    let late = join_all(late.take(2).map(|product| settled(&desk, &asha, product))).await;
    let mut statuses: Vec<_> = late.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let all = Listing::Within(&asha.id);
    let kept = shop.store().records(&desk.tenant, &WISH, all, None, MAX_WISHES + 50).await.unwrap();
    assert_eq!(kept.len(), MAX_WISHES);
}

async fn each_has_a_wishlist_of_ones_own(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let (asha, ravi) = (desk.somebody(Role::Customer).await, desk.somebody(Role::Customer).await);
    let id = text(&desk.product("Hers").await, "id").to_owned();
    put(&desk, &asha, &id).await.expect(204);
    assert_eq!(list(&desk, &ravi).await["total"], 0);
    desk.ask("DELETE", &format!("users/me/wishlist/{id}")).token(&ravi.token).send().await.expect(204);
    assert_eq!(list(&desk, &asha).await["total"], 1);
    desk.get("users/me/wishlist").await.expect_problem(401, "token_missing");
}
