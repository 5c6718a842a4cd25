//! Where the shop delivers, and when.

use std::time::Duration;

use bharatmart_core::Timestamp;
use serde_json::json;

use crate::identity::beside::now;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_pin_code_tells_its_state_and_whether_it_is_served,
    islands_are_not_served,
    a_code_that_no_post_office_has_names_the_field,
    slots_are_the_next_three_days_in_india,
);

async fn a_pin_code_tells_its_state_and_whether_it_is_served(shop: &Shop) {
    let places = [
        ("560001", json!("Karnataka")),
        ("110001", json!("Delhi")),
        ("160017", json!("Chandigarh")),
        ("194101", json!("Ladakh")),
        ("403001", json!("Goa")),
        ("605001", json!("Puducherry")),
        ("737101", json!("Sikkim")),
        ("834001", json!("Jharkhand")),
        ("900056", json!(null)),
    ];
    for (pincode, state) in places {
        let place = shop.client.get(&format!("/api/v1/delivery/{pincode}")).await.expect(200).json();
        assert_eq!((&place["pincode"], &place["state"]), (&json!(pincode), &state));
        assert_eq!(place["serviceable"], true, "{place}");
    }
    let spaced = shop.client.get("/api/v1/delivery/560%20001").await.expect(200).json();
    assert_eq!(spaced["pincode"], "560001");
}

async fn islands_are_not_served(shop: &Shop) {
    for (pincode, state) in [("744101", "Andaman and Nicobar Islands"), ("682555", "Lakshadweep")] {
        let place = shop.client.get(&format!("/api/v1/delivery/{pincode}")).await.expect(200).json();
        assert_eq!(place, json!({ "pincode": pincode, "state": state, "serviceable": false, "slots": [] }));
    }
}

async fn a_code_that_no_post_office_has_names_the_field(shop: &Shop) {
    for wrong in ["100000", "540000", "880000", "056001", "56000", "5600011", "56000a", "%E0%A5%AB", "%00"] {
        let answer = shop.client.get(&format!("/api/v1/delivery/{wrong}")).await;
        answer.expect_field(422, "validation_failed", "pincode");
    }
}

async fn slots_are_the_next_three_days_in_india(shop: &Shop) {
    const IST: Duration = Duration::from_secs(5 * 3600 + 1800);
    let before = now(shop);
    let place = shop.client.get("/api/v1/delivery/560001").await.expect(200).json();
    let slots = place["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 12);
    let time = |slot: usize, end: &str| Timestamp::parse(slots[slot][end].as_str().unwrap()).unwrap();
    let tomorrow = before.after(IST).after(Duration::from_secs(24 * 3600)).to_string()[..10].to_owned();
    let after_midnight = now(shop).after(IST).after(Duration::from_secs(24 * 3600)).to_string()[..10].to_owned();
    let first = slots[0]["id"].as_str().unwrap();
    assert!(first == format!("{tomorrow}T09-12") || first == format!("{after_midnight}T09-12"), "{first}");
    for nth in 0..12 {
        assert_eq!(time(nth, "ends_at").since(time(nth, "starts_at")), Duration::from_secs(3 * 3600));
    }
    assert_eq!(&time(0, "starts_at").after(IST).to_string()[10..16], "T09:00");
    assert_eq!(&time(11, "ends_at").after(IST).to_string()[10..16], "T21:00");
}
