//! The tree of categories: made, moved and renamed while products come and go.

use bharatmart_tests::data;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Desk, each, text};
use crate::alone;
use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_category_is_made_below_another,
    a_slug_is_one_categorys_own,
    a_wrong_category_names_each_field,
    a_category_does_not_lie_in_itself,
    the_tree_is_six_levels_deep,
    two_moves_at_once_make_no_circle,
    a_change_of_a_category_must_name_its_version,
    counts_are_of_a_category_and_all_below_it,
    products_show_the_new_name_of_their_category,
    a_large_category_is_renamed_to_its_last_product,
    customers_change_no_category,
);

pub fn path(category: &Value) -> String {
    format!("categories/{}", text(category, "slug"))
}

async fn below(desk: &Desk<'_>, name: &str, parent: &Value) -> Value {
    desk.category(&json!({ "name": name, "parent": text(parent, "id") })).await
}

async fn a_category_is_made_below_another(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let body = json!({ "name": "Pickles & Chutneys", "parent": "groceries", "position": 3 });
    let answer = desk.send("POST", "categories", &body).await.expect(201);
    let made = answer.json();
    assert_eq!((text(&made, "slug"), &made["position"], &made["count"]), ("pickles-chutneys", &json!(3), &json!(0)));
    assert!(text(&made, "id").starts_with("cat_") && answer.header("etag").starts_with("\"v1-"), "{answer:?}");
    assert_eq!(answer.header("location"), "/api/v1/categories/pickles-chutneys");
    let mango = below(&desk, "Mango Pickles", &made).await;
    let slug = text(&mango, "slug");
    let page = desk.get(&format!("categories/{slug}")).await.expect(200).json();
    let names: Vec<_> = page["path"].as_array().unwrap().iter().map(|above| text(above, "slug")).collect();
    assert_eq!((names.as_slice(), &page["parent_id"]), (["groceries", "pickles-chutneys"].as_slice(), &made["id"]));
    let page = desk.get(&format!("categories/{}", text(&made, "id"))).await.expect(200).json();
    assert_eq!((&page["children"][0]["slug"], &page["name"]), (&mango["slug"], &made["name"]));
    desk.get("categories/no-such-category").await.expect_problem(404, "not_found");
    desk.until("all are listed", async || {
        let all = desk.get("categories").await.expect(200).json();
        each(&all, "slug") == ["groceries", "mango-pickles", "pickles-chutneys"]
    })
    .await;
}

async fn a_slug_is_one_categorys_own(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let given = json!({ "name": "Other", "slug": "groceries" });
    desk.send("POST", "categories", &given).await.expect_field(409, "slug_taken", "slug");
    let second = desk.category(&json!({ "name": "Groceries!" })).await;
    assert_eq!(text(&second, "slug"), "groceries-2");
    let hindi = desk.category(&json!({ "name": "आटा" })).await;
    assert!(text(&hindi, "slug").starts_with("category-"), "{hindi}");
    desk.managing("DELETE", &path(&second)).send().await.expect(204);
    let again = desk.category(&json!({ "name": "Again", "slug": "groceries-2" })).await;
    assert_ne!(again["id"], second["id"], "what is deleted leaves its slug to others");
}

async fn a_wrong_category_names_each_field(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let cases = [
        ("name", json!({})),
        ("name", json!({ "name": " " })),
        ("slug", json!({ "name": "A", "slug": "Not A Slug" })),
        ("parent", json!({ "name": "A", "parent": "nowhere" })),
        ("parent", json!({ "name": "A", "parent": "No Slug" })),
        ("position", json!({ "name": "A", "position": -1 })),
        ("colour", json!({ "name": "A", "colour": "red" })),
    ];
    for (field, body) in cases {
        desk.send("POST", "categories", &body).await.expect_field(422, "validation_failed", field);
    }
    for (field, body) in [("name", json!({ "name": "" })), ("parent", json!({ "parent": "nowhere" }))] {
        desk.patch("categories/groceries", &body).await.expect_field(422, "validation_failed", field);
    }
}

async fn a_category_does_not_lie_in_itself(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let top = desk.category(&json!({ "name": "Top" })).await;
    let middle = below(&desk, "Middle", &top).await;
    let bottom = below(&desk, "Bottom", &middle).await;
    for into in [&top, &middle, &bottom] {
        desk.patch(&path(&top), &json!({ "parent": into["id"] })).await.expect_problem(409, "category_cycle");
    }
    let moved = desk.patch(&path(&middle), &json!({ "parent": null })).await.expect(200).json();
    assert_eq!(moved["parent_id"], Value::Null);
    desk.patch(&path(&top), &json!({ "parent": "bottom" })).await.expect(200);
}

async fn the_tree_is_six_levels_deep(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let mut last = desk.category(&json!({ "name": "Level 1" })).await;
    for level in 2..=6 {
        last = below(&desk, &format!("Level {level}"), &last).await;
    }
    let seventh = json!({ "name": "Level 7", "parent": last["id"] });
    desk.send("POST", "categories", &seventh).await.expect_problem(409, "category_too_deep");
    // What is moved takes with it what lies in it.
    let into = json!({ "parent": "groceries" });
    desk.patch("categories/level-1", &into).await.expect_problem(409, "category_too_deep");
    desk.patch("categories/level-2", &into).await.expect(200);
}

async fn two_moves_at_once_make_no_circle(shop: &Shop) {
    let desk = Desk::open(shop).await;
    for round in 0..5 {
        let [a, b] = ["a", "b"].map(|name| format!("{name}-{round}"));
        for name in [&a, &b] {
            desk.category(&json!({ "name": name })).await;
        }
        let into = |what: &str, into: &str| {
            let ask = desk.managing("PATCH", &format!("categories/{what}")).header("if-match", "*");
            ask.json(&json!({ "parent": into })).send()
        };
        let (one, other) = tokio::join!(into(&a, &b), into(&b, &a));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
    }
}

async fn a_change_of_a_category_must_name_its_version(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let made = desk.category(&json!({ "name": "Sweets" })).await;
    let etag = desk.get(&path(&made)).await.expect(200).header("etag").to_owned();
    let change = json!({ "name": "Mithai", "position": 9 });
    desk.send("PATCH", &path(&made), &change).await.expect_problem(428, "if_match_missing");
    let slug = text(&made, "slug");
    let change = |etag: &str| {
        let ask = desk.managing("PATCH", &format!("categories/{slug}")).header("if-match", etag);
        ask.json(&change).send()
    };
    let changed = change(&etag).await.expect(200).json();
    assert_eq!((text(&changed, "name"), text(&changed, "slug"), &changed["version"]), ("Mithai", "sweets", &json!(2)));
    change(&etag).await.expect_problem(412, "version_changed");
    let stale = desk.managing("DELETE", &path(&made)).header("if-match", &etag).send().await;
    stale.expect_problem(412, "version_changed");
}

/// By the slug of each category.
async fn count(desk: &Desk<'_>, slug: &str) -> Value {
    let all = desk.get("categories").await.expect(200).json();
    let row = all["data"].as_array().unwrap().iter().find(|row| row["slug"] == slug).cloned();
    row.map_or(Value::Null, |row| row["count"].clone())
}

async fn counts_are_of_a_category_and_all_below_it(shop: &Shop) {
    let desk = Desk::open(shop).await;
    desk.category(&json!({ "name": "Rice", "parent": "groceries" })).await;
    desk.category(&json!({ "name": "Empty" })).await;
    let mut rice = product("Basmati");
    rice["category"] = json!("rice");
    let basmati = desk.send("POST", "products", &rice).await.expect(201).json();
    desk.product("Dal").await;
    let hidden = desk.product("Not Yet").await;
    desk.patch(&format!("products/{}", text(&hidden, "id")), &json!({ "status": "hidden" })).await.expect(200);
    desk.until("they are counted", async || {
        let counts = [count(&desk, "groceries").await, count(&desk, "rice").await, count(&desk, "empty").await];
        counts == [json!(2), json!(1), json!(0)]
    })
    .await;
    // Each function reads the index by itself, one a moment before the other.
    desk.until("they are counted where one category is shown", async || {
        let page = desk.get("categories/groceries").await.expect(200).json();
        (&page["count"], &page["children"][0]["count"]) == (&json!(2), &json!(1))
    })
    .await;
    desk.managing("DELETE", &format!("products/{}", text(&basmati, "id"))).send().await.expect(204);
    desk.until("it is counted no more", async || count(&desk, "groceries").await == 1).await;
    // What is moved takes its products with it.
    desk.patch("categories/rice", &json!({ "parent": "empty" })).await.expect(200);
    desk.until("the list holds what is left", async || {
        desk.get("products?category=groceries").await.expect(200).json()["total"] == 1 //
    })
    .await;
}

async fn products_show_the_new_name_of_their_category(shop: &Shop) {
    let desk = Desk::open(shop).await;
    for n in 0..3 {
        desk.product(&format!("Thing {n}")).await;
    }
    let word = format!("kirana{}", shop.unique());
    desk.until("they are listed", async || desk.get("products").await.expect(200).json()["total"] == 3).await;
    desk.patch("categories/groceries", &json!({ "name": word })).await.expect(200);
    desk.until("they are found by it", async || desk.found(&word).await == 3).await;
    // The list has a reader of its own, which may be behind that of the search.
    desk.until("they are listed with it", async || {
        let rows = desk.get("products").await.expect(200).json();
        let mut named = rows["data"].as_array().unwrap().iter().map(|row| &row["category"]["name"]);
        named.len() == 3 && named.all(|name| *name == word.as_str())
    })
    .await;
}

/// More than the indexer writes at once. Put there from beside, without their events: only the new name brings them in.
async fn a_large_category_is_renamed_to_its_last_product(shop: &Shop) {
    const MANY: usize = 510;
    let desk = Desk::open(shop).await;
    let category = shop.store().categories(&desk.tenant).await.unwrap().remove(0);
    let put = async |n: usize| {
        let mut changes =
            data::a_product(&desk.tenant, &category, &format!("Thing {n}"), &[(&format!("L-{n}"), 1)]).changes;
        changes.events.clear();
        shop.store().commit(changes).await.unwrap();
    };
    let products: Vec<_> = (0..MANY).collect();
    for some in products.chunks(16) {
        join_all(some.iter().map(|n| put(*n))).await;
    }
    desk.patch("categories/groceries", &json!({ "name": "Kirana" })).await.expect(200);
    desk.until("all are found by it", async || desk.found("kirana").await == MANY as u64).await;
}

async fn customers_change_no_category(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let customer = desk.somebody(bharatmart_core::Role::Customer).await;
    let asks = [("POST", "categories"), ("PATCH", "categories/groceries"), ("DELETE", "categories/groceries")];
    let answers = join_all(asks.map(|(method, path)| {
        desk.ask(method, path).token(&customer.token).json(&json!({ "name": "Mine" })).send() //
    }));
    for answer in answers.await {
        answer.expect_problem(403, "forbidden");
    }
}

/// A shop whose index was never built.
async fn counts_are_unknown_while_the_index_is_away(settings: alone::Settings) {
    let shop = alone::open(settings, &[]).await;
    let admin = crate::world::login(&shop.client, crate::world::ADMIN_EMAIL, crate::world::ADMIN_PASSWORD).await;
    let ask = shop.client.ask("POST", "/api/v1/categories").token(&admin).json(&json!({ "name": "Groceries" }));
    ask.send().await.expect(201);
    let all = shop.client.get("/api/v1/categories").await.expect(200).json();
    assert_eq!((&all["data"][0]["slug"], &all["data"][0]["count"]), (&json!("groceries"), &Value::Null), "{all}");
}

#[test]
fn sqlite_counts_are_unknown_while_the_index_is_away() {
    crate::world::run(async {
        counts_are_unknown_while_the_index_is_away(alone::engines::sqlite().await).await;
    });
}
