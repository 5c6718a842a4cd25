//! Where things are to be brought: at most ten addresses, one of them the default.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_address_is_kept_as_it_was_given,
    a_wrong_address_names_each_field,
    there_are_at_most_ten,
    ten_places_are_ten_places_for_twenty_at_once,
    the_first_is_the_default_and_there_is_always_one,
    deleting_the_default_promotes_the_newest,
    an_address_is_replaced_whole,
    a_change_of_an_older_version_is_refused,
    anothers_address_is_not_there,
    addresses_ask_for_a_login,
);

fn home() -> Value {
    json!({
        "label": "Home",
        "full_name": "Asha Rao",
        "phone": "+919876543210",
        "line1": "12, 4th Cross",
        "line2": "Malleshwaram",
        "landmark": "Opposite the banyan tree",
        "city": "Bengaluru",
        "state": "Karnataka",
        "pincode": "560003",
        "latitude": 13.0031,
        "longitude": 77.5643,
    })
}

/// Only what must be there.
fn short(label: &str) -> Value {
    let mut address = home();
    for field in ["line2", "landmark", "latitude", "longitude"] {
        address.as_object_mut().unwrap().remove(field);
    }
    address["label"] = json!(label);
    address
}

async fn add(shop: &Shop, person: &Person, address: &Value) -> Value {
    person.send(shop, "POST", "users/me/addresses", address).await.expect(201).json()
}

async fn list(shop: &Shop, person: &Person) -> Vec<Value> {
    let page = person.get(shop, "users/me/addresses").await.expect(200).json();
    page["data"].as_array().unwrap().clone()
}

/// The labels of the defaults, of which there must be one.
async fn default(shop: &Shop, person: &Person) -> String {
    let all = list(shop, person).await;
    let defaults: Vec<_> = all.iter().filter(|address| address["is_default"] == true).collect();
    assert_eq!(defaults.len(), 1, "{all:?}");
    defaults[0]["label"].as_str().unwrap().to_owned()
}

fn path(address: &Value) -> String {
    format!("users/me/addresses/{}", address["id"].as_str().unwrap())
}

async fn an_address_is_kept_as_it_was_given(shop: &Shop) {
    let person = Person::new(shop).await;
    let answer = person.send(shop, "POST", "users/me/addresses", &home()).await.expect(201);
    let created = answer.json();
    assert!(created["id"].as_str().unwrap().starts_with("adr_"), "{created}");
    assert_eq!(answer.header("location"), format!("/api/v1/{}", path(&created)));
    for (field, value) in home().as_object().unwrap() {
        assert_eq!(created[field], *value, "{field}");
    }
    assert_eq!((&created["country"], &created["is_default"]), (&json!("IN"), &json!(true)));
    assert_eq!(person.get(shop, &path(&created)).await.expect(200).json(), created);
    assert_eq!(list(shop, &person).await, [created]);
    let short = add(shop, &person, &short("Office")).await;
    assert!(short["line2"].is_null() && short["latitude"].is_null(), "{short}");
}

async fn a_wrong_address_names_each_field(shop: &Shop) {
    let person = Person::new(shop).await;
    let cases = [
        ("label", json!("")),
        ("full_name", json!(" ")),
        ("phone", json!("9876543210")),
        ("line1", json!("")),
        ("line1", json!("x".repeat(1000))),
        ("city", json!(null)),
        ("state", json!("Atlantis")),
        ("pincode", json!("060001")),
        ("pincode", json!("56000")),
        ("pincode", json!(560_001)),
        ("country", json!("India")),
        ("latitude", json!(90.5)),
        ("longitude", json!(-181)),
        ("is_default", json!("yes")),
        ("user_id", json!("usr_00000000000000000000000000000000")),
    ];
    for (field, value) in cases {
        let mut address = home();
        address[field] = value;
        let answer = person.send(shop, "POST", "users/me/addresses", &address).await;
        answer.expect_field(422, "validation_failed", field);
    }
    let mut several = home();
    (several["pincode"], several["state"], several["phone"]) = (json!("x"), json!("x"), json!("x"));
    let problem =
        person.send(shop, "POST", "users/me/addresses", &several).await.expect_problem(422, "validation_failed");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    assert!(list(shop, &person).await.is_empty());
}

async fn there_are_at_most_ten(shop: &Shop) {
    let person = Person::new(shop).await;
    let mut last = Value::Null;
    for n in 0..10 {
        last = add(shop, &person, &short(&format!("No. {n}"))).await;
    }
    person.send(shop, "POST", "users/me/addresses", &home()).await.expect(409);
    person.delete(shop, &path(&last)).await.expect(204);
    add(shop, &person, &home()).await;
    assert_eq!(list(shop, &person).await.len(), 10);
}

async fn ten_places_are_ten_places_for_twenty_at_once(shop: &Shop) {
    let person = Person::new(shop).await;
    let addresses: Vec<_> = (0..20).map(|n| short(&format!("No. {n}"))).collect();
    let answers =
        join_all(addresses.iter().map(|address| person.send(shop, "POST", "users/me/addresses", address))).await;
    let mut added = answers.iter().filter(|answer| answer.status == 201).count();
    // Who was told to come again does.
    for answer in &answers {
        assert!([201, 409, 503].contains(&answer.status.as_u16()), "{answer:?}");
    }
    while added < 10 {
        add(shop, &person, &short("Later")).await;
        added += 1;
    }
    person.send(shop, "POST", "users/me/addresses", &home()).await.expect(409);
    assert_eq!(list(shop, &person).await.len(), 10);
    default(shop, &person).await;
}

async fn the_first_is_the_default_and_there_is_always_one(shop: &Shop) {
    let person = Person::new(shop).await;
    add(shop, &person, &short("First")).await;
    let second = add(shop, &person, &short("Second")).await;
    assert_eq!(default(shop, &person).await, "First");
    let mut third = short("Third");
    third["is_default"] = json!(true);
    let third = add(shop, &person, &third).await;
    assert_eq!(default(shop, &person).await, "Third");
    let answer = person.ask(shop, "POST", &format!("{}/default", path(&second))).send().await;
    assert!(answer.status.is_success(), "{answer:?}");
    assert_eq!(default(shop, &person).await, "Second");
    // Many at once, and one wins.
    let (second, third) = (format!("{}/default", path(&second)), format!("{}/default", path(&third)));
    let asks = (0..10).map(|n| person.ask(shop, "POST", if n % 2 == 0 { &second } else { &third }).send());
    for answer in join_all(asks).await {
        assert!(answer.status.is_success() || answer.status == 503, "{answer:?}");
    }
    default(shop, &person).await;
}

async fn deleting_the_default_promotes_the_newest(shop: &Shop) {
    let person = Person::new(shop).await;
    let mut addresses = Vec::new();
    for label in ["Oldest", "Middle", "Newest"] {
        addresses.push(add(shop, &person, &short(label)).await);
    }
    person.delete(shop, &path(&addresses[0])).await.expect(204);
    assert_eq!(default(shop, &person).await, "Newest");
    person.delete(shop, &path(&addresses[2])).await.expect(204);
    assert_eq!(default(shop, &person).await, "Middle");
    person.delete(shop, &path(&addresses[1])).await.expect(204);
    assert!(list(shop, &person).await.is_empty());
    person.delete(shop, &path(&addresses[1])).await.expect_problem(404, "not_found");
    add(shop, &person, &short("Anew")).await;
    assert_eq!(default(shop, &person).await, "Anew");
}

async fn an_address_is_replaced_whole(shop: &Shop) {
    let person = Person::new(shop).await;
    let created = add(shop, &person, &home()).await;
    let mut next = short("Work");
    next["state"] = json!("tamil nadu");
    next["pincode"] = json!("600 001");
    next["city"] = json!("Chennai");
    let replaced = person.send(shop, "PUT", &path(&created), &next).await.expect(200).json();
    assert_eq!((&replaced["label"], &replaced["state"]), (&json!("Work"), &json!("Tamil Nadu")));
    assert_eq!((&replaced["pincode"], &replaced["line2"]), (&json!("600001"), &json!(null)));
    assert_eq!((&replaced["id"], &replaced["is_default"]), (&created["id"], &json!(true)));
    assert_eq!(person.get(shop, &path(&created)).await.expect(200).json(), replaced);
    next["pincode"] = json!("x");
    person.send(shop, "PUT", &path(&created), &next).await.expect_field(422, "validation_failed", "pincode");
}

async fn a_change_of_an_older_version_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let address = path(&add(shop, &person, &home()).await);
    let etag = person.get(shop, &address).await.expect(200).header("etag").to_owned();
    let put = |label: &str| person.ask(shop, "PUT", &address).header("if-match", &etag).json(&short(label)).send();
    put("One").await.expect(200);
    put("Two").await.expect(412);
    assert_eq!(person.get(shop, &address).await.expect(200).json()["label"], "One");
}

async fn anothers_address_is_not_there(shop: &Shop) {
    let (owner, other) = (Person::new(shop).await, Person::new(shop).await);
    let address = add(shop, &owner, &home()).await;
    let unknown = json!({ "id": format!("adr_{}", "0".repeat(32)) });
    for address in [&address, &unknown, &json!({ "id": "nonsense" })] {
        let path = path(address);
        other.get(shop, &path).await.expect_problem(404, "not_found");
        other.send(shop, "PUT", &path, &home()).await.expect_problem(404, "not_found");
        other.delete(shop, &path).await.expect_problem(404, "not_found");
        other.ask(shop, "POST", &format!("{path}/default")).send().await.expect_problem(404, "not_found");
    }
    assert!(list(shop, &other).await.is_empty());
    assert_eq!(list(shop, &owner).await, [address]);
}

async fn addresses_ask_for_a_login(shop: &Shop) {
    let one = "/api/v1/users/me/addresses/adr_00000000000000000000000000000000";
    for (method, path) in [
        ("GET", "/api/v1/users/me/addresses"),
        ("POST", "/api/v1/users/me/addresses"),
        ("GET", one),
        ("PUT", one),
        ("DELETE", one),
    ] {
        shop.client.ask(method, path).json(&home()).send().await.expect_problem(401, "token_missing");
    }
}
