//! events/schemas/<kind>.json: the JSON Schema of each kind of event, the whole CloudEvent with what the kind tells. It
//! is the writer's: what is always written must be there, and nothing else may be.

use bharatmart_core::{Event, EventKind};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Words that make one schema of several.
const JOINED: [&str; 3] = ["oneOf", "anyOf", "allOf"];

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

pub fn schema(kind: EventKind) -> Value {
    let mut generator = generator();
    let data = (kind.tells().schema)(&mut generator).to_value();
    let mut schema = generator.into_root_schema_for::<Event>().to_value();
    schema["$id"] = format!("urn:bharatmart:event:{}", kind.name()).into();
    schema["title"] = kind.name().into();
    schema["description"] = description(kind);
    schema["properties"]["type"] = json!({ "const": kind.name() });
    schema["properties"]["data"] = data;
    if let Some(types) = schema["$defs"].as_object_mut() {
        types.remove(EventKind::schema_name().as_ref());
    }
    close(&mut schema, true);
    schema
}

/// What is said of the kind where it is declared.
pub fn description(kind: EventKind) -> Value {
    let kinds = EventKind::json_schema(&mut generator()).to_value();
    let said = kinds["oneOf"].as_array().into_iter().flatten().find(|one| one["const"] == kind.name());
    said.map_or(Value::Null, |one| one["description"].clone())
}

/// No object has a field that is not named. Of what is joined, the whole is closed and not its parts.
fn close(schema: &mut Value, whole: bool) {
    let Value::Object(words) = schema else { return };
    for (word, part) in words.iter_mut() {
        match (word.as_str(), part) {
            ("properties" | "$defs", Value::Object(parts)) => parts.values_mut().for_each(|part| close(part, true)),
            ("items", part) => close(part, true),
            (word, Value::Array(parts)) if JOINED.contains(&word) => {
                parts.iter_mut().for_each(|part| close(part, false));
            }
            _ => {}
        }
    }
    let joins_objects = JOINED.iter().any(|word| words.get(*word).is_some_and(has_object));
    if whole && joins_objects {
        words.insert("unevaluatedProperties".to_owned(), false.into());
    } else if whole && words.contains_key("properties") {
        words.insert("additionalProperties".to_owned(), false.into());
    }
}

fn has_object(parts: &Value) -> bool {
    let is_object = |part: &Value| {
        part.get("properties").is_some() || JOINED.iter().any(|word| part.get(word).is_some_and(has_object))
    };
    parts.as_array().is_some_and(|parts| parts.iter().any(is_object))
}
