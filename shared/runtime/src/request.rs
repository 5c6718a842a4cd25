//! Reads a request at the door: query, path and JSON body, with the field named that is wrong.

use std::collections::BTreeMap;

use bharatmart_core::check::Invalid;
use bharatmart_core::{Check, FieldError};
use lambda_http::{Body, RequestExt};
use serde::de::DeserializeOwned;

use crate::context::Ctx;
use crate::etag;
use crate::problem::Problem;

/// Nothing the shop takes is nested deeper.
const MAX_DEPTH: usize = 32;

impl Ctx {
    /// A path parameter of the route's own declaration.
    pub fn path(&self, name: &str) -> &str {
        self.request.path_parameters_ref().and_then(|parameters| parameters.first(name)).unwrap_or_default()
    }

    /// 412 when the caller asks to change another version than this.
    pub fn if_match(&self, version: u64) -> Result<(), Problem> {
        match self.header("if-match") {
            Some(given) if !etag::names_version(given, version) => {
                let detail = "It has changed since it was read; read it again.";
                Err(Problem::new(http::StatusCode::PRECONDITION_FAILED, "version_changed", detail))
            }
            _ => Ok(()),
        }
    }

    /// As `if_match`, and 428 when the caller does not say which version is meant: what is changed unseen is overwritten.
    pub fn must_match(&self, version: u64) -> Result<(), Problem> {
        if self.header("if-match").is_none() {
            let detail = "Say by If-Match which version is to be changed: the ETag it was read with.";
            return Err(Problem::new(http::StatusCode::PRECONDITION_REQUIRED, "if_match_missing", detail));
        }
        self.if_match(version)
    }

    pub fn has_body(&self) -> bool {
        !body_bytes(self.request.body()).is_empty()
    }

    /// As it came, for what is signed.
    pub fn body(&self) -> &[u8] {
        body_bytes(self.request.body())
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let header = self.request.headers().get(http::header::CONTENT_TYPE);
        let kind = header.and_then(|kind| kind.to_str().ok()).unwrap_or("application/json");
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let status = http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "unsupported_media_type", "The body must be application/json."));
        }
        let bytes = body_bytes(self.request.body());
        check_depth(bytes)?;
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| explain(error, bytes))?;
        deserializer.end().map_err(|error| malformed(&error))?;
        Ok(value)
    }
}

pub(crate) fn body_bytes(body: &Body) -> &[u8] {
    match body {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => &[],
    }
}

/// Before parsing, so that no parser's own stack is tried.
fn check_depth(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match (in_string, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => in_string = !in_string,
            (false, _, b'{' | b'[') => depth += 1,
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let detail = format!("The body is nested deeper than {MAX_DEPTH} levels.");
            return Err(Problem::bad_request("body_too_deep", detail));
        }
    }
    Ok(())
}

fn malformed(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    Problem::bad_request("malformed_json", format!("The body is no JSON: it goes wrong at {place}."))
}

/// serde's words, with the field they are about.
fn explain(error: serde_path_to_error::Error<serde_json::Error>, bytes: &[u8]) -> Problem {
    let path = error.path().to_string();
    let inner = error.into_inner();
    // A list where one of some words belongs is bad grammar to serde, though it is good JSON.
    if !inner.is_data() && serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
        return malformed(&inner);
    }
    let text = inner.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let under = |name: &str| match path.as_str() {
        "." | "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    match message.split('`').next().unwrap_or_default().trim() {
        "unknown field" => Problem::field(under(quoted), "unknown_field", "is not a field here"),
        "missing field" => Problem::field(under(quoted), "missing_field", "must be given"),
        "duplicate field" => Problem::field(under(quoted), "duplicate_field", "is given twice"),
        _ => {
            let field = if path == "." { "body".to_owned() } else { path };
            Problem::field(field, "wrong_type", message)
        }
    }
}

/// The query string. Each name once; names nobody asked for are refused.
pub struct Query {
    values: BTreeMap<String, String>,
    check: Check,
}

impl Query {
    pub(crate) fn read(query: &str) -> Result<Self, Problem> {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if values.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Problem::field(name, "duplicate_field", "is given twice"));
            }
        }
        Ok(Query { values, check: Check::new() })
    }

    /// Takes one value, parsed; what is wrong with it is told by `finish`. An empty value is as good as none.
    pub fn take<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        let value = self.values.remove(name).filter(|value| !value.is_empty())?;
        self.check.field(name, parse(&value))
    }

    pub fn number(&mut self, name: &str) -> Option<i64> {
        self.take(name, |text| text.parse().map_err(|_| Invalid::new("wrong_type", "must be a whole number")))
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name, |text| text.parse().map_err(|_| Invalid::new("wrong_type", "must be true or false")))
    }

    pub fn wrong(&mut self, name: &str, invalid: Invalid) {
        self.check.add(name, invalid);
    }

    /// Every mistake at once.
    pub fn finish(self) -> Result<(), Problem> {
        let mut errors = self.check.into_errors();
        errors.extend(self.values.into_keys().map(|field| FieldError {
            field,
            code: "unknown_field",
            message: "is not a parameter here".to_owned(),
        }));
        if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Line {
        sku: String,
        price: Price,
        unit: Option<Unit>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Unit {
        Piece,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Price {
        amount: i64,
    }

    fn error_of(json: &str) -> Problem {
        let mut deserializer = serde_json::Deserializer::from_slice(json.as_bytes());
        explain(serde_path_to_error::deserialize::<_, Vec<Line>>(&mut deserializer).unwrap_err(), json.as_bytes())
    }

    #[test]
    fn a_wrong_body_is_told_by_its_field() {
        let field = |json| error_of(json).errors[0].field.clone();
        assert_eq!(field(r#"[{"sku":"A","price":{"amount":"1"}}]"#), "[0].price.amount");
        assert_eq!(field(r#"[{"sku":"A","price":{"amount":1,"gold":2}}]"#), "[0].price.gold");
        assert_eq!(field(r#"[{"sku":"A"}]"#), "[0].price");
        assert_eq!(field(r#"[{"sku":"A","unit":[["piece"]]}]"#), "[0].unit");
        assert_eq!(error_of(r#"[{"sku":"#).code, "malformed_json");
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        assert!(check_depth(format!("\"{}\"", "[".repeat(5_000)).as_bytes()).is_ok());
        assert!(check_depth("[".repeat(33).as_bytes()).is_err());
        assert!(check_depth("[]".repeat(5_000).as_bytes()).is_ok());
    }
}
