//! What a change did to something, for the audit: the fields that differ, as they were before and as they are after.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::audit::AuditEntry;

/// They differ with every change, and say nothing of it.
const UNTOLD: [&str; 2] = ["version", "updated_at"];

/// A record must fit its place in every store; of more than this only the names of the fields are told.
const LARGEST: usize = 60_000;

impl AuditEntry {
    /// Without `before` it was made, without `after` it is gone: then all of it is told.
    pub fn changed<T: Serialize>(mut self, before: Option<T>, after: Option<T>) -> Self {
        self.details.extend(told(fields(before), fields(after), LARGEST));
        self
    }
}

fn fields<T: Serialize>(value: Option<T>) -> Option<Map<String, Value>> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(value?) else { return None };
    fields.retain(|name, value| !UNTOLD.contains(&name.as_str()) && !value.is_null());
    Some(fields)
}

fn told(before: Option<Map<String, Value>>, after: Option<Map<String, Value>>, largest: usize) -> Map<String, Value> {
    let (before, after) = match (before, after) {
        (Some(mut before), Some(mut after)) => {
            part(&mut before, &mut after);
            (Some(before), Some(after))
        }
        sides => sides,
    };
    let sides = [("before", before), ("after", after)];
    let names: Vec<_> = sides.iter().filter_map(|(_, side)| side.as_ref()).flat_map(Map::keys).cloned().collect();
    let sides = sides.into_iter().filter_map(|(name, side)| Some((name.to_owned(), Value::Object(side?))));
    let told: Map<String, Value> = sides.collect();
    if serde_json::to_string(&told).map_or(0, |text| text.len()) <= largest {
        return told;
    }
    let mut names = names;
    names.sort();
    names.dedup();
    Map::from_iter([("truncated".to_owned(), json!(true)), ("fields".to_owned(), json!(names))])
}

/// Takes from both what they have alike; of objects within, likewise.
fn part(before: &mut Map<String, Value>, after: &mut Map<String, Value>) {
    let names: Vec<String> = before.keys().filter(|name| after.contains_key(*name)).cloned().collect();
    for name in names {
        match (before.get_mut(&name), after.get_mut(&name)) {
            (Some(was), Some(is)) if was == is => {
                before.remove(&name);
                after.remove(&name);
            }
            (Some(Value::Object(was)), Some(Value::Object(is))) => part(was, is),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: Value, after: Value, largest: usize) -> Value {
        Value::Object(told(fields(Some(before)), fields(Some(after)), largest))
    }

    #[test]
    fn only_what_differs_is_told_within_objects_too() {
        let before =
            json!({ "name": "Atta", "version": 1, "tags": ["a"], "by": { "A": { "price": 1, "min": 2 }, "B": 3 } });
        let after = json!({ "name": "Atta", "version": 2, "tags": ["b"], "by": { "A": { "price": 4, "min": 2 } }, "unit": "1 kg" });
        let told = of(before, after, LARGEST);
        assert_eq!(told["before"], json!({ "tags": ["a"], "by": { "A": { "price": 1 }, "B": 3 } }));
        assert_eq!(told["after"], json!({ "tags": ["b"], "by": { "A": { "price": 4 } }, "unit": "1 kg" }));
    }

    #[test]
    fn what_is_made_or_gone_is_told_whole() {
        let thing = || fields(Some(json!({ "name": "Atta", "version": 1, "unit": null })));
        assert_eq!(Value::Object(told(None, thing(), LARGEST)), json!({ "after": { "name": "Atta" } }));
        assert_eq!(Value::Object(told(thing(), None, LARGEST)), json!({ "before": { "name": "Atta" } }));
    }

    #[test]
    fn of_what_is_too_large_the_fields_are_told() {
        let told = of(json!({ "name": "a".repeat(50) }), json!({ "name": "b", "unit": "x" }), 40);
        assert_eq!(told, json!({ "truncated": true, "fields": ["name", "unit"] }));
    }
}
