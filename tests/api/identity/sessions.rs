//! One's sessions: seen, and ended one by one or all at once.

use serde_json::{Value, json};

use super::people::{Person, new_phone, otp, post, refresh};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    sessions_are_listed_with_the_one_in_use,
    a_session_of_ones_own_can_be_ended,
    anothers_session_is_not_there,
    logging_out_ends_this_session_alone,
    logging_out_everywhere_ends_all,
    sessions_ask_for_a_login,
);

async fn list(shop: &Shop, person: &Person) -> Vec<Value> {
    person.get(shop, "users/me/sessions").await.expect(200).json()["data"].as_array().unwrap().clone()
}

fn ids(sessions: &[Value]) -> Vec<&str> {
    sessions.iter().map(|session| session["id"].as_str().unwrap()).collect()
}

async fn sessions_are_listed_with_the_one_in_use(shop: &Shop) {
    let phone = new_phone();
    let here = Person::by_phone(shop, &phone).await;
    let code = otp(shop, &phone).await;
    let body = json!({ "phone": phone, "code": code, "device_name": "Ravi's tablet" });
    let ask = shop.client.ask("POST", "/api/v1/auth/otp/verify").header("user-agent", "tablet/1.0").json(&body);
    let there = Person::of(&ask.send().await.expect(200), "", "");
    let sessions = list(shop, &here).await;
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    assert!(ids(&sessions).contains(&here.session().as_str()) && ids(&sessions).contains(&there.session().as_str()));
    for session in &sessions {
        assert_eq!(session["current"], session["id"] == here.session(), "{session}");
        assert!(session["created_at"].is_string() && session["expires_at"].is_string(), "{session}");
        let text = session.to_string();
        assert!(!text.contains("hash") && !text.contains("rt_"), "{text}");
    }
    let tablet = sessions.iter().find(|session| session["id"] == there.session()).unwrap();
    assert_eq!((&tablet["device_name"], &tablet["user_agent"]), (&json!("Ravi's tablet"), &json!("tablet/1.0")));
}

async fn a_session_of_ones_own_can_be_ended(shop: &Shop) {
    let here = Person::new(shop).await;
    let there = here.on_another_device(shop).await;
    let path = format!("users/me/sessions/{}", there.session());
    here.delete(shop, &path).await.expect(204);
    refresh(shop, &there.refresh).await.expect_problem(401, "session_revoked");
    here.refreshed(shop).await;
    assert_eq!(ids(&list(shop, &here).await), [here.session()]);
    here.delete(shop, &path).await.expect_problem(404, "not_found");
}

async fn anothers_session_is_not_there(shop: &Shop) {
    let (owner, other) = (Person::new(shop).await, Person::new(shop).await);
    let unknown = format!("ses_{}", "0".repeat(32));
    for id in [owner.session().as_str(), &unknown, "nonsense", owner.id.as_str()] {
        other.delete(shop, &format!("users/me/sessions/{id}")).await.expect_problem(404, "not_found");
    }
    owner.refreshed(shop).await;
}

async fn logging_out_ends_this_session_alone(shop: &Shop) {
    let here = Person::new(shop).await;
    let there = here.on_another_device(shop).await;
    here.ask(shop, "POST", "auth/logout").send().await.expect(204);
    refresh(shop, &here.refresh).await.expect_problem(401, "session_revoked");
    let there = there.refreshed(shop).await;
    there.send(shop, "POST", "auth/logout", &json!({ "all_devices": false })).await.expect(204);
    refresh(shop, &there.refresh).await.expect_problem(401, "session_revoked");
    here.on_another_device(shop).await;
}

async fn logging_out_everywhere_ends_all(shop: &Shop) {
    let here = Person::new(shop).await;
    let devices = [here.on_another_device(shop).await, here.on_another_device(shop).await, here.clone()];
    here.send(shop, "POST", "auth/logout", &json!({ "all_devices": true })).await.expect(204);
    for device in &devices {
        refresh(shop, &device.refresh).await.expect_problem(401, "session_revoked");
    }
    let again = here.on_another_device(shop).await;
    assert_eq!(ids(&list(shop, &again).await), [again.session()]);
    again.refreshed(shop).await;
}

async fn sessions_ask_for_a_login(shop: &Shop) {
    shop.client.get("/api/v1/users/me/sessions").await.expect_problem(401, "token_missing");
    post(shop, "auth/logout", &json!({})).await.expect_problem(401, "token_missing");
    let path = "/api/v1/users/me/sessions/ses_00000000000000000000000000000000";
    shop.client.ask("DELETE", path).send().await.expect_problem(401, "token_missing");
}
