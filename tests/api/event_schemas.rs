//! What the shop writes of its events against the schemas it gives of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bharatmart_core::{Event, EventKind};
use bharatmart_tests::eventually_within;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cart::shopping::for_sale;
use crate::catalog::Desk;
use crate::orders::buying::{Buyer, PATIENCE, address, moved};
use crate::world::{Shop, on_every_shop};

on_every_shop!(every_event_is_as_its_schema_says, the_events_are_described_beside_the_api);

fn file(path: &str) -> Value {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn schemas() -> BTreeMap<&'static str, Validator> {
    let schema = |kind: &EventKind| file(&format!("events/schemas/{}.json", kind.name()));
    let known = EventKind::ALL.iter();
    known.map(|kind| (kind.name(), jsonschema::draft202012::new(&schema(kind)).unwrap())).collect()
}

/// Something of each kind.
async fn everything_happens(shop: &Shop) {
    let staff = async |path: String, body: Value| {
        shop.client.ask("POST", &format!("/api/v1/{path}")).token(&shop.admin).json(&body).send().await
    };
    // With a category of its own: the main shop's are listed elsewhere.
    Desk::open(shop).await;
    let sku = for_sale(shop, 15_000, 12).await;
    staff(format!("inventory/{sku}/adjust"), json!({ "delta": -9, "reason": "counted" })).await.expect(200);

    let gone = Buyer::new(shop).await;
    gone.post("users/me/addresses", &address()).await.expect(201);
    let password = json!({ "password": gone.who.password });
    gone.ask("DELETE", "users/me").json(&password).send().await.expect(204);

    let buyer = Buyer::new(shop).await;
    let (brought, _) = buyer.paid().await;
    for to in ["processing", "packed", "shipped", "out_for_delivery", "delivered"] {
        moved(shop, &brought, to).await.expect(200);
    }
    let (declined, _) = buyer.ordered("upi").await;
    buyer.pay(&declined, "decline@upi").await.expect(201);
    let (unwanted, _) = buyer.paid().await;
    buyer.cancel(&unwanted).await.expect(200);
}

async fn every_event_is_as_its_schema_says(shop: &Shop) {
    let schemas = schemas();
    everything_happens(shop).await;
    let newest = || async { shop.store().newest_events(2_000).await.unwrap() };
    eventually_within(PATIENCE, "there is an event of each kind", || async {
        let events = newest().await;
        EventKind::ALL.iter().all(|kind| events.iter().any(|event| event.kind == *kind))
    })
    .await;
    for event in newest().await {
        fits(&schemas[event.kind.name()], &event);
    }
}

/// It does, and with a field more, or without the first of what it tells, it would not.
fn fits(schema: &Validator, event: &Event) {
    let told = serde_json::to_value(event).unwrap();
    let wrong: Vec<_> = schema.iter_errors(&told).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new(), "{told}");
    let changed = |change: fn(&mut Value)| {
        let mut other = told.clone();
        change(&mut other);
        assert!(!schema.is_valid(&other), "{other}");
    };
    changed(|event| event["more"] = json!(1));
    changed(|event| event["data"]["more"] = json!(1));
    changed(|event| event["type"] = json!("order.eaten.v1"));
    changed(|event| drop(event.as_object_mut().unwrap().remove("tenant")));
    changed(|event| drop(event.as_object_mut().unwrap().remove("data")));
    changed(|event| event["data"] = json!({}));
}

async fn the_events_are_described_beside_the_api(shop: &Shop) {
    let told = shop.client.get("/docs/asyncapi.json").await.expect(200).json();
    assert_eq!(told["asyncapi"], "3.0.0");
    for kind in EventKind::ALL {
        let payload = &told["components"]["messages"][kind.name()]["payload"]["schema"];
        assert_eq!(payload, &file(&format!("events/schemas/{}.json", kind.name())));
    }
}
