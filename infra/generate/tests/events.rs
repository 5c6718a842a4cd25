//! What the generator says of events: a schema of each kind, and a document of where each goes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::path::Path;

use bharatmart_core::{EventKind, queues};
use bharatmart_generate::catalogue::{Catalogue, Trigger};
use bharatmart_generate::files;
use serde_json::{Value, json};

fn written(path: &str) -> Value {
    let files = files(&Catalogue::of_the_shop(), &Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    serde_json::from_str(&files.iter().find(|file| file.path == path).unwrap().text).unwrap()
}

fn schema(kind: &str) -> Value {
    written(&format!("events/schemas/{kind}.json"))
}

/// The events in the sample of a worker's batch.
fn samples(worker: &str) -> Vec<Value> {
    let batch = written(&format!("events/{worker}.json"));
    let records = batch["Records"].as_array().unwrap();
    records.iter().map(|record| serde_json::from_str(record["body"].as_str().unwrap()).unwrap()).collect()
}

#[test]
fn each_kind_has_a_schema_of_its_own_that_says_what_it_is() {
    for kind in EventKind::ALL {
        let schema = schema(kind.name());
        assert!(jsonschema::meta::is_valid(&schema), "{schema}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["properties"]["type"], json!({ "const": kind.name() }));
        assert!(schema["description"].is_string(), "nothing says what {} is", kind.name());
    }
}

#[test]
fn a_sample_is_as_its_schema_says_and_without_any_of_its_fields_it_is_not() {
    let mut seen = BTreeSet::new();
    for worker in Catalogue::of_the_shop().functions() {
        let Trigger::Queue { .. } = worker.trigger else { continue };
        for event in samples(worker.name) {
            let kind = event["type"].as_str().unwrap().to_owned();
            let schema = jsonschema::draft202012::new(&schema(&kind)).unwrap();
            let wrong: Vec<_> = schema.iter_errors(&event).map(|error| error.to_string()).collect();
            assert_eq!(wrong, Vec::<String>::new(), "{event}");
            for place in ["", "/data", "/data/lines/0"] {
                let Some(Value::Object(fields)) = event.pointer(place) else { continue };
                for field in fields.keys() {
                    let mut less = event.clone();
                    less.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(field);
                    assert!(!schema.is_valid(&less), "{kind} is valid without {place}/{field}");
                }
                let mut more = event.clone();
                more.pointer_mut(place).unwrap()["more"] = json!(1);
                assert!(!schema.is_valid(&more), "{kind} is valid with {place}/more");
            }
            seen.insert(kind);
        }
    }
    let sent = EventKind::ALL.iter().filter(|kind| !kind.queues().is_empty());
    assert_eq!(seen, sent.map(|kind| kind.name().to_owned()).collect::<BTreeSet<_>>());
}

#[test]
fn the_asyncapi_document_says_which_worker_receives_each_kind() {
    let document = written("docs/asyncapi.json");
    for kind in EventKind::ALL {
        assert!(document["components"]["messages"][kind.name()].is_object(), "{} is no message", kind.name());
        for queue in queues::ALL {
            let is_there = document["channels"][queue.name]["messages"][kind.name()].is_object();
            assert_eq!(is_there, kind.queues().contains(queue), "{} on {}", kind.name(), queue.name);
        }
    }
    let receives = |worker: &str| document["operations"][worker]["channel"]["$ref"].clone();
    assert_eq!(receives("order-keeper"), "#/channels/orders");
    assert_eq!(receives("search-indexer"), "#/channels/search");
    let operations = document["operations"].as_object().unwrap();
    let heard: BTreeSet<_> = operations.keys().map(|worker| receives(worker).to_string()).collect();
    assert_eq!(heard.len(), queues::ALL.len(), "a queue that nobody receives from: {heard:?}");
    every_reference_leads_somewhere(&document, &document);
}

fn every_reference_leads_somewhere(part: &Value, document: &Value) {
    match part {
        // A schema is a document of its own.
        Value::Object(fields) if fields.contains_key("schemaFormat") => {}
        Value::Object(fields) => {
            if let Some(Value::String(place)) = fields.get("$ref") {
                assert!(document.pointer(&place[1..]).is_some(), "{place} is nowhere");
            }
            fields.values().for_each(|part| every_reference_leads_somewhere(part, document));
        }
        Value::Array(parts) => parts.iter().for_each(|part| every_reference_leads_somewhere(part, document)),
        _ => {}
    }
}
