//! Who may do what. Beside each permission the table says which roles have it; here is what comes of it over HTTP.

use bharatmart_core::{Permission, Role, Tenant};
use futures_util::future::join_all;
use serde_json::json;

use super::people::{Person, claims, login};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    without_a_login_it_is_401_and_with_a_wrong_role_403,
    each_role_may_do_what_the_table_says,
    a_new_role_is_in_force_with_the_next_login,
    a_role_that_was_taken_away_is_gone_at_once,
    an_admin_whose_session_was_ended_is_refused_at_once,
    a_disabled_admin_is_refused_at_once,
    a_role_in_a_token_is_the_accounts,
);

async fn users(shop: &Shop, token: &str) -> Answer {
    shop.client.ask("GET", "/api/v1/admin/users?limit=1").token(token).send().await
}

async fn change(shop: &Shop, id: &str, change: &serde_json::Value) -> Answer {
    shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin).json(change).send().await
}

/// Somebody of a role, logged in.
async fn of_role(shop: &Shop, role: Role) -> Person {
    let made = shop.somebody(role, &Tenant::main()).await;
    let answer = login(shop, &made.email, &made.password).await.expect(200);
    Person::of(&answer, &made.email, &made.password)
}

async fn without_a_login_it_is_401_and_with_a_wrong_role_403(shop: &Shop) {
    let answer = shop.client.get("/api/v1/admin/users").await;
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    answer.expect_problem(401, "token_missing");
    users(shop, "no.good.token").await.expect_problem(401, "token_invalid");
    users(shop, &shop.customer).await.expect_problem(403, "forbidden");
    users(shop, &shop.admin).await.expect(200);
}

async fn each_role_may_do_what_the_table_says(shop: &Shop) {
    for &role in Role::ALL {
        let person = of_role(shop, role).await;
        let other = Person::new(shop).await;
        let one = format!("admin/users/{}", other.id);
        let asks = [
            (Permission::ReadUsers, person.get(shop, "admin/users").await),
            (Permission::ReadUsers, person.get(shop, &one).await),
            (Permission::ManageUsers, person.send(shop, "PATCH", &one, &json!({ "role": "seller" })).await),
            (Permission::ReadAudit, person.get(shop, "admin/audit").await),
            (Permission::ManageCatalog, person.send(shop, "POST", "products", &product("Of Its Role")).await),
        ];
        for (permission, answer) in asks {
            if role.may(permission) {
                assert!(answer.status.is_success(), "{role:?} {permission:?}: {answer:?}");
            } else {
                answer.expect_problem(403, "forbidden");
            }
        }
    }
}

async fn a_new_role_is_in_force_with_the_next_login(shop: &Shop) {
    let person = Person::new(shop).await;
    let sell = async |person: &Person| person.send(shop, "POST", "products", &product("First Of Mine")).await;
    sell(&person).await.expect_problem(403, "forbidden");
    let changed = change(shop, &person.id, &json!({ "role": "seller" })).await.expect(200).json();
    assert_eq!(changed["role"], "seller");
    let person = person.on_another_device(shop).await;
    assert_eq!(claims(&person.access)["role"], "seller");
    sell(&person).await.expect(201);
}

async fn a_role_that_was_taken_away_is_gone_at_once(shop: &Shop) {
    let seller = of_role(shop, Role::Seller).await;
    seller.send(shop, "POST", "products", &product("Last Of Mine")).await.expect(201);
    change(shop, &seller.id, &json!({ "role": "customer" })).await.expect(200);
    let answer = seller.send(shop, "POST", "products", &product("Too Late")).await;
    assert!([401, 403].contains(&answer.status.as_u16()), "{answer:?}");
    // Whatever is left of the session, it is a customer's.
    let refreshed = super::people::refresh(shop, &seller.refresh).await;
    if refreshed.status == 200 {
        let access = refreshed.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(claims(&access)["role"], "customer");
    }
}

async fn an_admin_whose_session_was_ended_is_refused_at_once(shop: &Shop) {
    let here = of_role(shop, Role::Admin).await;
    let there = here.on_another_device(shop).await;
    users(shop, &there.access).await.expect(200);
    here.delete(shop, &format!("users/me/sessions/{}", there.session())).await.expect(204);
    users(shop, &there.access).await.expect_problem(401, "session_revoked");
    users(shop, &here.access).await.expect(200);
    here.send(shop, "POST", "auth/logout", &json!({ "all_devices": true })).await.expect(204);
    users(shop, &here.access).await.expect_problem(401, "session_revoked");
}

async fn a_disabled_admin_is_refused_at_once(shop: &Shop) {
    let admin = of_role(shop, Role::Admin).await;
    change(shop, &admin.id, &json!({ "status": "disabled" })).await.expect(200);
    let answers = join_all((0..3).map(|_| users(shop, &admin.access))).await;
    for answer in answers {
        answer.expect_problem(401, "session_revoked");
    }
}

async fn a_role_in_a_token_is_the_accounts(shop: &Shop) {
    for &role in Role::ALL {
        let person = of_role(shop, role).await;
        assert_eq!(claims(&person.access)["role"], role.name());
        assert_eq!(person.me(shop).await["role"], role.name());
    }
}
