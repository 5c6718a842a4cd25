//! Products as their managers change, hide and delete them.

use bharatmart_core::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Desk, text};
use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_product_is_changed_where_the_change_says_so,
    a_change_must_name_the_version_it_is_of,
    of_two_changes_of_one_version_one_is_made,
    many_who_change_it_at_once_in_whatever_version_all_do,
    variants_are_added_changed_and_taken_away,
    what_comes_in_while_a_variant_goes_is_not_lost,
    a_sku_of_another_product_is_not_taken,
    a_wrong_change_names_each_field,
    a_hidden_product_is_there_for_its_managers_alone,
    a_deleted_product_is_gone_everywhere,
    of_ten_who_delete_one_does,
    a_seller_may_and_a_customer_may_not,
    a_search_shows_the_change,
    html_comes_back_as_text,
);

fn path(product: &Value) -> String {
    format!("products/{}", text(product, "id"))
}

fn price(paise: i64) -> Value {
    json!({ "amount": paise, "currency": "INR" })
}

async fn a_product_is_changed_where_the_change_says_so(shop: &Shop) {
    let desk = Desk::open(shop).await;
    desk.category(&json!({ "name": "Kitchen" })).await;
    let mut input = product("Plain Rice");
    input["unit"] = json!("1 kg");
    let answer = desk.send("POST", "products", &input).await.expect(201);
    let (before, etag) = (answer.json(), answer.header("etag").to_owned());
    assert_eq!(before["unit"], "1 kg");
    let change = json!({ "name": "Sona Masuri Rice", "unit": "5 kg", "category": "kitchen", "tags": ["Rice", "rice"] });
    let id = text(&before, "id");
    let ask = desk.managing("PATCH", &format!("products/{id}")).header("if-match", &etag).json(&change);
    let answer = ask.send().await.expect(200);
    let after = answer.json();
    assert_eq!((text(&after, "name"), text(&after, "unit")), ("Sona Masuri Rice", "5 kg"));
    assert_eq!((&after["category"]["slug"], &after["tags"]), (&json!("kitchen"), &json!(["rice"])));
    assert_eq!((&after["version"], &after["slug"]), (&json!(2), &before["slug"]));
    for same in ["brand", "description", "variants", "attributes", "created_at", "hsn"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert!(answer.header("etag").starts_with("\"v2-"), "{answer:?}");
    assert_eq!(desk.get(&path(&before)).await.expect(200).json(), after);
    let nothing = desk.patch(&path(&before), &json!({ "unit": "5 kg" })).await.expect(200).json();
    assert_eq!(nothing["version"], 2, "nothing is new");
    let without = desk.patch(&path(&before), &json!({ "unit": null })).await.expect(200).json();
    assert_eq!(without["unit"], Value::Null);
}

async fn a_change_must_name_the_version_it_is_of(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Ragi").await;
    let change = json!({ "name": "Ragi Flour" });
    desk.send("PATCH", &path(&created), &change).await.expect_problem(428, "if_match_missing");
    let stale = desk.managing("PATCH", &path(&created)).header("if-match", "\"v7-0\"").json(&change);
    stale.send().await.expect_problem(412, "version_changed");
    assert_eq!(desk.get(&path(&created)).await.expect(200).json(), created);
    desk.patch("products/no-such-product", &change).await.expect_problem(404, "not_found");
}

async fn of_two_changes_of_one_version_one_is_made(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Bajra").await;
    let etag = desk.get(&path(&created)).await.expect(200).header("etag").to_owned();
    let change = |name: &str| {
        let ask = desk.managing("PATCH", &path(&created)).header("if-match", &etag);
        ask.json(&json!({ "name": name })).send()
    };
    let (one, other) = tokio::join!(change("One"), change("Other"));
    let (made, refused, name) = if one.status == 200 { (one, other, "One") } else { (other, one, "Other") };
    made.expect(200);
    refused.expect_problem(412, "version_changed");
    assert_eq!(desk.get(&path(&created)).await.expect(200).json()["name"], name);
}

async fn many_who_change_it_at_once_in_whatever_version_all_do(shop: &Shop) {
    const MANY: usize = 16;
    let desk = Desk::open(shop).await;
    let created = desk.product("Jowar").await;
    let fields = (0..MANY).map(|n| json!({ "attributes": { "changed": n.to_string() } }));
    for answer in join_all(fields.map(async |body| desk.patch(&path(&created), &body).await)).await {
        answer.expect(200);
    }
    assert_eq!(desk.get(&path(&created)).await.expect(200).json()["version"], MANY + 1);
}

async fn variants_are_added_changed_and_taken_away(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Jaggery").await;
    let first = text(&created["variants"][0], "sku").to_owned();
    let (small, empty) = (format!("{first}-S"), format!("{first}-E"));
    let change = json!({ "variants": [
        { "sku": first, "price": price(9900), "compare_at": price(12000), "max_quantity": 4 },
        { "sku": small, "price": price(4900), "stock": 3, "options": { "size": "S" } },
        { "sku": empty, "price": price(100), "stock": 0 },
    ] });
    let after = desk.patch(&path(&created), &change).await.expect(200).json();
    let variants = after["variants"].as_array().unwrap();
    assert_eq!((variants.len(), &after["price"]), (3, &price(9900)));
    assert_eq!((&variants[0]["available"], &variants[0]["max_quantity"]), (&json!(12), &json!(4)), "its stock stays");
    assert_eq!((&variants[1]["available"], &variants[1]["options"]), (&json!(3), &json!({ "size": "S" })));
    assert_eq!(desk.get(&path(&created)).await.expect(200).json(), after);

    let has_stock = desk.patch(&path(&created), &json!({ "remove_variants": [small] })).await;
    has_stock.expect_problem(409, "variant_has_stock");
    let without = desk.patch(&path(&created), &json!({ "remove_variants": [empty] })).await.expect(200).json();
    assert_eq!(without["variants"].as_array().unwrap().len(), 2);
    // Its SKU is free again, and may come back to it with what there is then.
    let again = json!({ "variants": [{ "sku": empty, "price": price(200), "stock": 5 }] });
    let back = desk.patch(&path(&created), &again).await.expect(200).json();
    assert_eq!((&back["variants"][2]["available"], &back["variants"][2]["price"]), (&json!(5), &price(200)));
    assert_eq!(desk.get(&path(&created)).await.expect(200).json(), back);
}

async fn what_comes_in_while_a_variant_goes_is_not_lost(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Kokum").await;
    let sku = format!("{}-K", text(&created["variants"][0], "sku"));
    let adjust = async |delta: i64, location: &str| {
        let body = json!({ "delta": delta, "reason": "counted", "location": location });
        desk.send("POST", &format!("inventory/{sku}/adjust"), &body).await.status.as_u16()
    };
    let path = path(&created);
    // Where some of it lay before, and where none ever did.
    for location in ["main", "pune"].repeat(8) {
        let there = json!({ "variants": [{ "sku": sku, "price": price(200), "stock": 0 }] });
        desk.patch(&path, &there).await.expect(200);
        let gone = json!({ "remove_variants": [sku] });
        let (removed, adjusted) = tokio::join!(desk.patch(&path, &gone), adjust(10, location));
        match (removed.status.as_u16(), adjusted) {
            (200, 404) => {}
            (409, 200) => {
                assert_eq!(adjust(-10, location).await, 200);
                desk.patch(&path, &gone).await.expect(200);
            }
            neither => panic!("one of both is done, at {location}: {neither:?}"),
        }
    }
}

async fn a_sku_of_another_product_is_not_taken(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let (one, other) = (desk.product("Chana").await, desk.product("Moong").await);
    let theirs = &other["variants"][0]["sku"];
    let change = json!({ "variants": [
        { "sku": format!("N-{}", shop.unique()), "price": price(100), "stock": 1 },
        { "sku": theirs, "price": price(100), "stock": 1 },
    ] });
    desk.patch(&path(&one), &change).await.expect_field(409, "sku_taken", "variants[1].sku");
    assert_eq!(desk.get(&path(&one)).await.expect(200).json(), one);
}

async fn a_wrong_change_names_each_field(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Poha").await;
    let sku = &created["variants"][0]["sku"];
    let cases = [
        ("name", json!({ "name": "" })),
        ("name", json!({ "name": 7 })),
        ("category", json!({ "category": "no-such-category" })),
        ("gst_rate", json!({ "gst_rate": 7 })),
        ("unit", json!({ "unit": "x".repeat(41) })),
        ("status", json!({ "status": "deleted" })),
        ("slug", json!({ "slug": "other" })),
        ("images", json!({ "images": [] })),
        ("variants[0].price", json!({ "variants": [{ "sku": "NEW", "stock": 1 }] })),
        ("variants[0].stock", json!({ "variants": [{ "sku": "NEW", "price": price(1) }] })),
        ("variants[0].stock", json!({ "variants": [{ "sku": sku, "stock": 99 }] })),
        ("variants[0].compare_at.amount", json!({ "variants": [{ "sku": sku, "compare_at": price(1) }] })),
        ("remove_variants", json!({ "remove_variants": [sku] })),
        ("remove_variants[0]", json!({ "remove_variants": ["NOT-THERE"] })),
    ];
    for (field, body) in cases {
        desk.patch(&path(&created), &body).await.expect_field(422, "validation_failed", field);
    }
    let many: Vec<_> = (0..31).map(|n| json!({ "sku": format!("M-{n}"), "price": price(1), "stock": 0 })).collect();
    let many = json!({ "variants": many });
    desk.patch(&path(&created), &many).await.expect_field(422, "validation_failed", "variants");
    let several = desk.patch(&path(&created), &json!({ "name": "", "hsn": "x", "unit": "" })).await;
    assert_eq!(several.expect_problem(422, "validation_failed")["errors"].as_array().unwrap().len(), 3);
    assert_eq!(desk.get(&path(&created)).await.expect(200).json(), created);
}

async fn a_hidden_product_is_there_for_its_managers_alone(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let word = format!("chyut{}", shop.unique());
    let created = desk.product(&format!("{word} Oil")).await;
    desk.until("it is found", async || desk.found(&word).await == 1).await;
    desk.patch(&path(&created), &json!({ "status": "hidden" })).await.expect(200);
    for name in ["id", "slug"] {
        desk.get(&format!("products/{}", text(&created, name))).await.expect_problem(404, "not_found");
    }
    desk.until("it is found no more", async || desk.found(&word).await == 0).await;
    let id = text(&created, "id");
    let shown = desk.managing("GET", &format!("admin/products/{id}")).send().await.expect(200);
    assert_eq!(shown.json()["status"], "hidden");
    let ask = desk.managing("PATCH", &path(&created)).header("if-match", shown.header("etag"));
    ask.json(&json!({ "status": "active" })).send().await.expect(200);
    desk.get(&path(&created)).await.expect(200);
    desk.until("it is found again", async || desk.found(&word).await == 1).await;
}

async fn a_deleted_product_is_gone_everywhere(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let word = format!("mitha{}", shop.unique());
    let created = desk.product(&format!("{word} Paan")).await;
    desk.until("it is found", async || desk.found(&word).await == 1).await;
    let id = text(&created, "id");
    let stale = desk.managing("DELETE", &path(&created)).header("if-match", "\"v2-0\"").send().await;
    stale.expect_problem(412, "version_changed");
    desk.managing("DELETE", &format!("products/{id}")).send().await.expect(204);
    for path in [path(&created), format!("products/{}", text(&created, "slug"))] {
        desk.get(&path).await.expect_problem(404, "not_found");
        desk.managing("DELETE", &path).send().await.expect_problem(404, "not_found");
        desk.patch(&path, &json!({ "name": "Back" })).await.expect_problem(404, "not_found");
    }
    desk.managing("GET", &format!("admin/products/{id}")).send().await.expect_problem(404, "not_found");
    desk.until("no search finds it", async || desk.found(&word).await == 0).await;
    desk.until("no list shows it", async || desk.get("products").await.expect(200).json()["total"] == 0).await;
    // Its SKU stays its own: an order may name it.
    let mut again = product("Another");
    again["variants"][0]["sku"] = created["variants"][0]["sku"].clone();
    desk.send("POST", "products", &again).await.expect_field(409, "sku_taken", "variants[0].sku");
}

async fn of_ten_who_delete_one_does(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Wanted Gone").await;
    let answers = join_all((0..10).map(|_| desk.managing("DELETE", &path(&created)).send())).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [204, 404].contains(status)), "{statuses:?}");
}

async fn a_seller_may_and_a_customer_may_not(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let created = desk.product("Papad").await;
    let (seller, customer) = (desk.somebody(Role::Seller).await, desk.somebody(Role::Customer).await);
    let change = |token: &str| {
        let ask = desk.ask("PATCH", &path(&created)).token(token).header("if-match", "*");
        ask.json(&json!({ "name": "Masala Papad" })).send()
    };
    change(&customer.token).await.expect_problem(403, "forbidden");
    change(&seller.token).await.expect(200);
    let delete = |token: &str| desk.ask("DELETE", &path(&created)).token(token).send();
    delete(&customer.token).await.expect_problem(403, "forbidden");
    delete(&seller.token).await.expect(204);
}

async fn a_search_shows_the_change(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let (old, new) = (format!("purana{}", shop.unique()), format!("naya{}", shop.unique()));
    let created = desk.product(&format!("{old} Ghee")).await;
    desk.until("it is found", async || desk.found(&old).await == 1).await;
    let change = json!({ "name": format!("{new} Ghee"), "unit": "500 ml" });
    desk.patch(&path(&created), &change).await.expect(200);
    desk.until("it is found by its new name", async || desk.found(&new).await == 1).await;
    assert_eq!(desk.found(&old).await, 0);
    let row = desk.get(&format!("search?q={new}")).await.expect(200).json()["data"][0].clone();
    assert_eq!((&row["unit"], &row["version"]), (&json!("500 ml"), &json!(2)));
}

async fn html_comes_back_as_text(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let html = "<script>alert(\"1\")</script> & more";
    let mut input = product(html);
    (input["brand"], input["description"]) = (json!(html), json!(html));
    let answer = desk.send("POST", "products", &input).await.expect(201);
    let created = answer.json();
    let read = desk.get(&path(&created)).await.expect(200);
    for answer in [&answer, &read] {
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        for field in ["name", "brand", "description"] {
            assert_eq!(answer.json()[field], html, "{field}");
        }
    }
}
