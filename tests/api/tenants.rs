//! Several shops in one deployment: none sees another's rows.

use bharatmart_core::catalog::new_category;
use bharatmart_core::{Role, Slug, Tenant};
use bharatmart_tests::eventually;

use crate::world::{Shop, host, on_every_shop, product};

on_every_shop!(no_shop_sees_anothers_products, a_token_of_another_shop_is_refused);

const HOST: &str = "spices.shops.example";

async fn no_shop_sees_anothers_products(shop: &Shop) {
    let tenant = Tenant::parse("spices").unwrap();
    let app = shop.cloud.app();
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    let (_, changes) = new_category(&tenant, Slug::parse("groceries").unwrap(), "Groceries", 1, clock, ids);
    app.ports().store.unwrap().commit(changes).await.unwrap();

    let word = format!("saffron{}", shop.unique());
    let seller = shop.somebody(Role::Seller, &tenant).await;
    let ask = shop.client.ask("POST", "/api/v1/products").token(&seller.token).header("host", HOST);
    let created = ask.json(&product(&word)).send().await.expect(201).json();
    let search = format!("/api/v1/search?q={word}");
    eventually("its own shop finds it", || async {
        shop.client.ask("GET", &search).header("host", HOST).send().await.expect(200).json()["total"] == 1
    })
    .await;
    for name in ["id", "slug"] {
        let path = format!("/api/v1/products/{}", created[name].as_str().unwrap());
        shop.client.ask("GET", &path).header("host", HOST).send().await.expect(200);
        shop.client.get(&path).await.expect_problem(404, "not_found");
    }
    assert_eq!(shop.client.get(&search).await.expect(200).json()["total"], 0);
    let theirs = async || {
        let ask = shop.client.ask("GET", "/api/v1/products?limit=100").header("host", HOST);
        ask.send().await.expect(200).json()["total"].as_u64().unwrap()
    };
    // The list has a reader of its own, which may be behind that of the search.
    eventually("its own shop lists it", async || theirs().await > 0).await;
    assert_eq!(theirs().await, 1, "the other shop's list holds the main shop's rows");
    // The same SKU may be sold in both.
    shop.create(&product(&word)).await.expect(201);
}

async fn a_token_of_another_shop_is_refused(shop: &Shop) {
    let tenant = Tenant::parse("spices").unwrap();
    assert_eq!(host(&tenant), HOST);
    let theirs = shop.somebody(Role::Admin, &tenant).await.token;
    let ask = shop.client.ask("POST", "/api/v1/products").token(&theirs).json(&product("Smuggled"));
    ask.send().await.expect_problem(403, "forbidden");
    let ask = shop.client.ask("POST", "/api/v1/products").token(&shop.admin).header("host", HOST);
    ask.json(&product("Smuggled")).send().await.expect_problem(403, "forbidden");
}
