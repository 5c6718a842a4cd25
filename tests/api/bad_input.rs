//! Whatever is sent, the answer is a 4xx that says what is wrong, and never a 500.

use serde_json::{Value, json};

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_body_that_is_no_json_is_400,
    a_body_too_large_or_too_deep_is_refused,
    a_wrong_body_names_the_field,
    every_mistake_is_named_at_once,
    a_wrong_list_parameter_names_the_field,
    a_tampered_cursor_is_refused,
    no_token_is_401_and_a_wrong_role_403,
    an_unknown_route_is_404_and_a_wrong_method_405,
);

async fn a_body_that_is_no_json_is_400(shop: &Shop) {
    for body in [&b"{\"name\": "[..], b"", b"nonsense", b"\xff\xfe{}", b"{\"name\":\"\xc3\x28\"}", b"[", b"\0"] {
        let answer = shop.client.ask("POST", "/api/v1/products").token(&shop.admin).bytes(body.to_vec()).send().await;
        answer.expect_problem(400, "malformed_json");
    }
    let form = shop.client.ask("POST", "/api/v1/products").token(&shop.admin).header("content-type", "text/plain");
    form.send().await.expect_problem(415, "unsupported_media_type");
}

async fn a_body_too_large_or_too_deep_is_refused(shop: &Shop) {
    let post = |body: Vec<u8>| shop.client.ask("POST", "/api/v1/products").token(&shop.admin).bytes(body).send();
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    post(large.into_bytes()).await.expect_problem(413, "body_too_large");
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    post(deep.into_bytes()).await.expect_problem(400, "body_too_deep");
}

type Spoil = fn(&mut Value);

async fn a_wrong_body_names_the_field(shop: &Shop) {
    let cases: Vec<(&str, Spoil)> = vec![
        ("colour", |p| p["colour"] = json!("red")),
        ("variants[0].colour", |p| p["variants"][0]["colour"] = json!("red")),
        ("variants[0].price.rupees", |p| p["variants"][0]["price"]["rupees"] = json!(1)),
        ("name", |p| p["name"] = json!(7)),
        ("name", |p| drop(p.as_object_mut().unwrap().remove("name"))),
        ("name", |p| p["name"] = json!("")),
        ("name", |p| p["name"] = json!("x".repeat(201))),
        ("variants", |p| p["variants"] = json!([])),
        ("variants", |p| p["variants"] = json!({})),
        ("variants[0].price.amount", |p| p["variants"][0]["price"]["amount"] = json!(-1)),
        ("variants[0].price.amount", |p| p["variants"][0]["price"]["amount"] = json!(1.5)),
        ("variants[0].price.amount", |p| p["variants"][0]["price"]["amount"] = json!("100")),
        ("variants[0].price.amount", |p| p["variants"][0]["price"]["amount"] = json!(99_999_999_999_999_i64)),
        ("variants[0].price.currency", |p| p["variants"][0]["price"]["currency"] = json!("USD")),
        ("variants[0].compare_at.amount", |p| p["variants"][0]["compare_at"] = json!({"amount": 1, "currency": "INR"})),
        ("variants[0].stock", |p| p["variants"][0]["stock"] = json!(-5)),
        ("variants[0].sku", |p| p["variants"][0]["sku"] = json!("no spaces")),
        ("variants[1].sku", |p| {
            let v = p["variants"][0].clone();
            p["variants"].as_array_mut().unwrap().push(v)
        }),
        ("variants[0].min_quantity", |p| p["variants"][0]["min_quantity"] = json!(0)),
        ("category", |p| p["category"] = json!("no-such-category")),
        ("category", |p| p["category"] = json!("Not A Slug")),
        ("gst_rate", |p| p["gst_rate"] = json!(17)),
        ("hsn", |p| p["hsn"] = json!("12AB")),
        ("tags[0]", |p| p["tags"] = json!([""])),
    ];
    for (field, spoil) in cases {
        let mut input = product("Spoilt");
        spoil(&mut input);
        shop.create(&input).await.expect_field(422, "validation_failed", field);
    }
}

async fn every_mistake_is_named_at_once(shop: &Shop) {
    let mut input = product("Spoilt");
    input["gst_rate"] = json!(17);
    input["hsn"] = json!("x");
    input["variants"][0]["stock"] = json!(-1);
    let problem = shop.create(&input).await.expect_problem(422, "validation_failed");
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["gst_rate", "hsn", "variants[0].stock"]);
}

async fn a_wrong_list_parameter_names_the_field(shop: &Shop) {
    let cases = [
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("sort=loudest", "sort"),
        ("sort=relevance", "sort"),
        ("min_price=-1", "min_price"),
        ("min_price=200&max_price=100", "min_price"),
        ("in_stock=maybe", "in_stock"),
        ("category=Not%20A%20Slug", "category"),
        ("page=2", "page"),
        ("limit=5&limit=6", "limit"),
    ];
    for (query, field) in cases {
        let answer = shop.client.get(&format!("/api/v1/products?{query}")).await;
        answer.expect_field(422, "validation_failed", field);
    }
    shop.client.get("/api/v1/search").await.expect_field(422, "validation_failed", "q");
    shop.client.get(&format!("/api/v1/search?q={}", "x".repeat(201))).await.expect_field(422, "validation_failed", "q");
    shop.client.get("/api/v1/products?%FF=%FE").await.expect_problem(422, "validation_failed");
}

async fn a_tampered_cursor_is_refused(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?limit=2").await.expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let swapped = if cursor.starts_with('A') { 'B' } else { 'A' };
    for wrong in
        [format!("{swapped}{}", &cursor[1..]), "x".to_owned(), "%00".to_owned(), cursor[..cursor.len() - 4].to_owned()]
    {
        let answer = shop.client.get(&format!("/api/v1/products?limit=2&cursor={wrong}")).await;
        answer.expect_field(422, "validation_failed", "cursor");
    }
    // A cursor of another list is as good as a forged one.
    let other = shop.client.get(&format!("/api/v1/products?limit=2&sort=name&cursor={cursor}")).await;
    other.expect_field(422, "validation_failed", "cursor");
}

async fn no_token_is_401_and_a_wrong_role_403(shop: &Shop) {
    let body = product("Not Mine To Make");
    let post = || shop.client.ask("POST", "/api/v1/products").json(&body);
    let problem = post().send().await;
    assert_eq!(problem.header("www-authenticate"), "Bearer");
    problem.expect_problem(401, "token_missing");
    post().header("authorization", "Basic YTpi").send().await.expect_problem(401, "token_missing");
    post().token("not.a.token").send().await.expect_problem(401, "token_invalid");
    let (head, rest) = shop.admin.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    post().token(&format!("{head}.{claims}.{turned}")).send().await.expect_problem(401, "token_invalid");
    // {"alg":"none"}
    post().token(&format!("eyJhbGciOiJub25lIn0.{claims}.")).send().await.expect_problem(401, "token_invalid");
    post().token(&shop.customer).send().await.expect_problem(403, "forbidden");
}

async fn an_unknown_route_is_404_and_a_wrong_method_405(shop: &Shop) {
    for path in ["/api/v1/nothing", "/api/v2/products", "/api/v1/products/a/b/c", "/api/v1/products/"] {
        shop.client.get(path).await.expect_problem(404, "route_not_found");
    }
    let answer = shop.client.ask("DELETE", "/api/v1/products").send().await;
    assert_eq!(answer.header("allow"), "GET, POST");
    answer.expect_problem(405, "method_not_allowed");
    shop.client.ask("POST", "/api/v1/search").send().await.expect_problem(405, "method_not_allowed");
}
