//! Lists of products, one product, and a new one.

use std::collections::HashSet;

use bharatmart_tests::eventually;
use serde_json::{Value, json};

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_list_is_walked_once_by_its_cursor,
    a_category_a_price_range_a_tag_and_stock_narrow_a_list,
    a_list_is_sorted_as_asked,
    a_product_is_found_by_id_and_by_slug,
    an_admin_creates_a_product,
    products_of_one_name_get_slugs_of_their_own,
    a_sku_belongs_to_one_product,
    the_eight_categories_are_listed_in_order,
    a_page_holds_twenty_unless_another_number_is_asked_for,
    what_stands_in_the_window_is_listed_alone,
);

async fn a_list_is_walked_once_by_its_cursor(shop: &Shop) {
    let path = "/api/v1/products?category=books&limit=7&sort=price_asc";
    let first = shop.client.get(path).await.expect(200).json();
    let total = first["total"].as_u64().unwrap();
    assert!(total >= 30, "{total}");
    let (mut seen, mut page) = (Vec::new(), first);
    loop {
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = shop.client.get(&format!("{path}&cursor={cursor}")).await.expect(200).json();
    }
    assert_eq!(seen.len() as u64, total);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len() as u64, total, "a row came twice");
}

async fn a_category_a_price_range_a_tag_and_stock_narrow_a_list(shop: &Shop) {
    let list = |query: &'static str| async move {
        shop.client.get(&format!("/api/v1/products?limit=100&{query}")).await.expect(200).json()
    };
    let books = list("category=books").await;
    assert!(rows(&books).iter().all(|row| row["category"]["slug"] == "books"));
    let cheap = list("min_price=10000&max_price=30000").await;
    assert!(!rows(&cheap).is_empty());
    assert!(rows(&cheap).iter().all(|row| (10_000..=30_000).contains(&row["price"]["amount"].as_i64().unwrap())));
    let in_stock = list("category=toys&in_stock=true").await;
    let can_be_had = |row: &Value| row["variants"].as_array().unwrap().iter().any(|v| v["availability"] != "out");
    assert!(rows(&in_stock).iter().all(can_be_had));
    let tag = rows(&books)[0]["tags"][0].as_str().unwrap().to_owned();
    let tagged = shop.client.get(&format!("/api/v1/products?limit=100&tag={}", encoded(&tag))).await.expect(200).json();
    assert!(!rows(&tagged).is_empty());
    assert!(rows(&tagged).iter().all(|row| row["tags"].as_array().unwrap().iter().any(|t| *t == tag)));
    assert_eq!(list("category=no-such").await["total"], 0);
}

async fn a_list_is_sorted_as_asked(shop: &Shop) {
    let list = |sort: &'static str| async move {
        let path = format!("/api/v1/products?category=kitchen&limit=100&sort={sort}");
        shop.client.get(&path).await.expect(200).json()
    };
    let prices = |page: &Value| rows(page).iter().map(|r| r["price"]["amount"].as_i64().unwrap()).collect::<Vec<_>>();
    assert!(prices(&list("price_asc").await).is_sorted());
    assert!(prices(&list("price_desc").await).is_sorted_by(|a, b| a >= b));
    let ratings =
        |page: &Value| rows(page).iter().map(|r| r["rating"]["average"].as_f64().unwrap()).collect::<Vec<_>>();
    assert!(ratings(&list("rating").await).is_sorted_by(|a, b| a >= b));
    let names =
        |page: &Value| rows(page).iter().map(|r| r["name"].as_str().unwrap().to_lowercase()).collect::<Vec<_>>();
    assert!(names(&list("name").await).is_sorted());
    let times =
        |page: &Value| rows(page).iter().map(|r| r["created_at"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(times(&list("newest").await).is_sorted_by(|a, b| a >= b));
}

async fn a_product_is_found_by_id_and_by_slug(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?category=books&limit=1").await.expect(200).json();
    let row = &rows(&page)[0];
    let by_id = shop.client.get(&format!("/api/v1/products/{}", row["id"].as_str().unwrap())).await.expect(200);
    let by_slug = shop.client.get(&format!("/api/v1/products/{}", row["slug"].as_str().unwrap())).await.expect(200);
    assert_eq!(by_id.body, by_slug.body);
    let product = by_id.json();
    assert_eq!(product["name"], row["name"]);
    assert!(product["variants"][0]["available"].is_u64(), "{product}");
    assert!(row["variants"][0]["availability"].is_string(), "{row}");
    let image = product["images"][0]["url"].as_str().unwrap();
    assert!(shop.client.get(image).await.expect(200).body.contains("<svg"));
    shop.client.get("/api/v1/products/no-such-product").await.expect_problem(404, "not_found");
    shop.client.get("/api/v1/products/Not%20a%20Slug").await.expect_problem(404, "not_found");
}

async fn an_admin_creates_a_product(shop: &Shop) {
    let mut input = product("Hand-pounded Turmeric");
    input["attributes"] = json!({"zeta": "first", "alpha": "second"});
    let answer = shop.create(&input).await.expect(201);
    let created = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/products/{}", created["id"].as_str().unwrap()));
    assert!(answer.header("etag").starts_with("\"v1-"), "{answer:?}");
    assert!(created["id"].as_str().unwrap().starts_with("prd_"));
    assert!(created["slug"].as_str().unwrap().starts_with("hand-pounded-turmeric"));
    assert_eq!(created["price"], input["variants"][0]["price"]);
    assert_eq!(created["category"]["slug"], input["category"]);
    assert_eq!(created["variants"][0]["available"], input["variants"][0]["stock"]);
    assert_eq!(created["status"], "active");
    assert_eq!(created["version"], 1);
    let order: Vec<_> = created["attributes"].as_object().unwrap().keys().collect();
    assert_eq!(order.len(), 2);
    let read = shop.client.get(answer.header("location")).await.expect(200);
    assert_eq!(read.json(), created);
}

async fn products_of_one_name_get_slugs_of_their_own(shop: &Shop) {
    let name = format!("Twin Lamp {}", shop.unique());
    let mut slugs = HashSet::new();
    for _ in 0..3 {
        let created = shop.create(&product(&name)).await.expect(201).json();
        slugs.insert(created["slug"].as_str().unwrap().to_owned());
    }
    assert_eq!(slugs.len(), 3, "{slugs:?}");
    let hindi = shop.create(&product("आटा")).await.expect(201).json();
    assert!(hindi["slug"].as_str().unwrap().starts_with("product-"), "{hindi}");
}

async fn a_sku_belongs_to_one_product(shop: &Shop) {
    let input = product("Only Once");
    shop.create(&input).await.expect(201);
    let again = shop.create(&input).await;
    again.expect_field(409, "sku_taken", "variants[0].sku");
}

async fn the_eight_categories_are_listed_in_order(shop: &Shop) {
    let page = shop.client.get("/api/v1/categories").await.expect(200).json();
    let slugs: Vec<_> = rows(&page).iter().map(|row| row["slug"].as_str().unwrap().to_owned()).collect();
    assert_eq!(slugs, ["groceries", "kitchen", "fashion", "beauty", "electronics", "books", "home", "toys"]);
}

fn rows(page: &Value) -> &Vec<Value> {
    page["data"].as_array().unwrap()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn a_page_holds_twenty_unless_another_number_is_asked_for(shop: &Shop) {
    let count = async |query: &str| {
        let page = shop.client.get(&format!("/api/v1/products{query}")).await.expect(200).json();
        rows(&page).len()
    };
    assert_eq!((count("").await, count("?limit=1").await, count("?limit=100").await), (20, 1, 100));
}

async fn what_stands_in_the_window_is_listed_alone(shop: &Shop) {
    let mut input = product("Worth a look");
    input["tags"] = json!(["featured"]);
    let created = shop.create(&input).await.expect(201).json();
    eventually("it stands in the window", || async {
        let page = shop.client.get("/api/v1/products?featured=true&limit=100").await.expect(200).json();
        rows(&page).iter().any(|row| row["id"] == created["id"])
    })
    .await;
    let window = shop.client.get("/api/v1/products?featured=true&limit=100").await.expect(200).json();
    let featured = |row: &Value| row["tags"].as_array().unwrap().iter().any(|tag| tag == "featured");
    assert!(rows(&window).iter().all(featured), "{window}");
}
