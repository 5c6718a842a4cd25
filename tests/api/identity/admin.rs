//! What an admin sees and changes of others' accounts.

use std::collections::HashSet;

use bharatmart_core::Role;
use bharatmart_core::Tenant;
use serde_json::{Value, json};

use super::people::{Person, awaited, login, refresh};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    accounts_are_listed_newest_first,
    an_account_is_shown_without_its_secrets,
    a_disabled_account_is_shut_and_can_be_opened_again,
    a_change_that_is_none_is_refused,
    nobody_takes_away_their_own_role,
    a_deleted_account_stays_deleted,
    an_account_that_is_not_there_is_404,
);

async fn get(shop: &Shop, path: &str) -> Answer {
    shop.client.ask("GET", &format!("/api/v1/admin/users{path}")).token(&shop.admin).send().await
}

async fn change(shop: &Shop, id: &str, change: &Value) -> Answer {
    shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin).json(change).send().await
}

async fn accounts_are_listed_newest_first(shop: &Shop) {
    let people = [Person::new(shop).await, Person::new(shop).await, Person::new(shop).await];
    // A list may lag behind.
    let found = awaited("the new accounts are listed", async || {
        let (mut ids, mut query) = (Vec::new(), "?limit=20".to_owned());
        for _ in 0..20 {
            let page = get(shop, &query).await.expect(200).json();
            let rows = page["data"].as_array().unwrap();
            ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=20&cursor={cursor}");
        }
        people.iter().all(|person| ids.contains(&person.id)).then_some(ids)
    })
    .await;
    assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
    for wrong in ["?limit=0", "?limit=1000", "?cursor=nonsense", "?colour=red"] {
        get(shop, wrong).await.expect_problem(422, "validation_failed");
    }
}

async fn an_account_is_shown_without_its_secrets(shop: &Shop) {
    let person = Person::proved(shop).await;
    let answer = get(shop, &format!("/{}", person.id)).await.expect(200);
    let seen = answer.json();
    assert_eq!((&seen["id"], &seen["email"]), (&json!(person.id), &json!(person.email)));
    assert_eq!((&seen["role"], &seen["status"]), (&json!("customer"), &json!("active")));
    for secret in ["argon2", "password", "hash", "sessions_since", "recovery"] {
        assert!(!answer.body.contains(secret), "{secret}: {seen}");
    }
}

async fn a_disabled_account_is_shut_and_can_be_opened_again(shop: &Shop) {
    let person = Person::proved(shop).await;
    let shut = change(shop, &person.id, &json!({ "status": "disabled" })).await.expect(200).json();
    assert_eq!(shut["status"], "disabled");
    refresh(shop, &person.refresh).await.expect(401);
    login(shop, &person.email, &person.password).await.expect_refusal("account_disabled");
    change(shop, &person.id, &json!({ "status": "active" })).await.expect(200);
    person.on_another_device(shop).await.me(shop).await;
    // The sessions of before stay ended.
    refresh(shop, &person.refresh).await.expect(401);
}

async fn a_change_that_is_none_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    for (field, value) in [
        ("role", json!("emperor")),
        ("role", json!(7)),
        ("status", json!("deleted")),
        ("email", json!("other@example.in")),
        ("password_hash", json!("x")),
    ] {
        change(shop, &person.id, &json!({ field: value })).await.expect_field(422, "validation_failed", field);
    }
    change(shop, &person.id, &json!({})).await;
    assert_eq!(get(shop, &format!("/{}", person.id)).await.expect(200).json()["role"], "customer");
}

/// Or there would soon be no admin left.
async fn nobody_takes_away_their_own_role(shop: &Shop) {
    let admin = shop.somebody(Role::Admin, &Tenant::main()).await;
    let path = format!("/api/v1/admin/users/{}", admin.id);
    for body in [json!({ "role": "customer" }), json!({ "status": "disabled" })] {
        let answer = shop.client.ask("PATCH", &path).token(&admin.token).json(&body).send().await;
        assert!([403, 409].contains(&answer.status.as_u16()), "{answer:?}");
    }
    shop.client.ask("GET", &path).token(&admin.token).send().await.expect(200);
}

async fn a_deleted_account_stays_deleted(shop: &Shop) {
    let person = Person::proved(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    for body in [json!({ "status": "active" }), json!({ "role": "admin" })] {
        let answer = change(shop, &person.id, &body).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    assert_eq!(get(shop, &format!("/{}", person.id)).await.expect(200).json()["status"], "deleted");
}

async fn an_account_that_is_not_there_is_404(shop: &Shop) {
    for id in [format!("usr_{}", "0".repeat(32)), "nonsense".to_owned(), "usr_1".to_owned()] {
        get(shop, &format!("/{id}")).await.expect_problem(404, "not_found");
        change(shop, &id, &json!({ "role": "seller" })).await.expect_problem(404, "not_found");
    }
}
