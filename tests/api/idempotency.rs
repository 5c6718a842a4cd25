//! A repeated request is done once.

use futures_util::future::join_all;
use serde_json::json;

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_repeated_key_replays_the_first_answer,
    a_key_used_for_another_request_is_422,
    a_refused_request_frees_its_key,
    twenty_at_once_under_one_key_create_one_product,
    a_key_that_cannot_be_one_is_400,
);

async fn a_repeated_key_replays_the_first_answer(shop: &Shop) {
    let (input, key) = (product("Once Only Pickle"), shop.unique());
    let first = shop.create_with_key(&input, &key).await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = shop.create_with_key(&input, &key).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), first.header("etag"));
}

async fn a_key_used_for_another_request_is_422(shop: &Shop) {
    let key = shop.unique();
    shop.create_with_key(&product("First Use"), &key).await.expect(201);
    shop.create_with_key(&product("Second Use"), &key).await.expect_problem(422, "idempotency_key_reused");
}

async fn a_refused_request_frees_its_key(shop: &Shop) {
    let key = shop.unique();
    let mut input = product("Mended Later");
    input["category"] = json!("no-such-category");
    shop.create_with_key(&input, &key).await.expect_problem(422, "validation_failed");
    input["category"] = json!("groceries");
    shop.create_with_key(&input, &key).await.expect(201);
}

async fn twenty_at_once_under_one_key_create_one_product(shop: &Shop) {
    let (input, key) = (product("Hurried Twenty"), shop.unique());
    let answers = join_all((0..20).map(|_| shop.create_with_key(&input, &key))).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!created.is_empty());
    assert!(created.iter().all(|answer| answer.body == created[0].body), "two products under one key");
    for answer in answers {
        if answer.status != 201 {
            answer.expect_problem(409, "request_in_progress");
        }
    }
}

async fn a_key_that_cannot_be_one_is_400(shop: &Shop) {
    for key in ["with space", &"x".repeat(129)] {
        shop.create_with_key(&product("Odd Key"), key).await.expect_problem(400, "idempotency_key_invalid");
    }
}
