//! JSON for reading: what a thing is called comes before what it is made of. The order of keys means nothing.

use std::fmt::Write as _;

use serde_json::Value;

/// These first, in this order; the others by the alphabet.
const FIRST: &[&str] = &[
    "$schema",
    "$id",
    "openapi",
    "asyncapi",
    "info",
    "version",
    "title",
    "servers",
    "tags",
    "paths",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "operationId",
    "summary",
    "name",
    "in",
    "description",
    "required",
    "type",
    "security",
    "parameters",
    "requestBody",
    "responses",
    "headers",
    "content",
    "components",
];

pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out.push('\n');
    out
}

fn write(out: &mut String, value: &Value, indent: usize) {
    let pad = "  ".repeat(indent + 1);
    let end = "  ".repeat(indent);
    match value {
        Value::Object(entries) if entries.len() == 1 && entries.values().all(is_plain) => {
            let line: Vec<_> =
                entries.iter().map(|(key, value)| format!("{}: {value}", Value::from(key.as_str()))).collect();
            let _ = write!(out, "{{ {} }}", line.join(", "));
        }
        Value::Object(entries) if !entries.is_empty() => {
            let mut keys: Vec<_> = entries.keys().collect();
            keys.sort_by_key(|key| (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), *key));
            for (nth, key) in keys.iter().enumerate() {
                out.push_str(if nth == 0 { "{\n" } else { ",\n" });
                let _ = write!(out, "{pad}{}: ", Value::from(key.as_str()));
                write(out, &entries[key.as_str()], indent + 1);
            }
            let _ = write!(out, "\n{end}}}");
        }
        Value::Array(items) if !items.iter().all(is_plain) => {
            for (nth, item) in items.iter().enumerate() {
                let _ = write!(out, "{}{pad}", if nth == 0 { "[\n" } else { ",\n" });
                write(out, item, indent + 1);
            }
            let _ = write!(out, "\n{end}]");
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(Value::to_string).collect();
            let _ = write!(out, "[{}]", items.join(", "));
        }
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let value = json!({ "paths": { "/a": { "get": { "b": [1, 2], "c": [{ "d": null }], "e\"": {}, "f": [] } } }, "openapi": "3.1.0" });
        let text = super::text(&value);
        assert!(text.starts_with("{\n  \"openapi\": \"3.1.0\",\n  \"paths\""), "{text}");
        assert!(text.contains("\"b\": [1, 2]"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
