//! Which problems a route may answer with: those it declares, and those that follow from what it takes.

use std::collections::{BTreeMap, BTreeSet};

use bharatmart_runtime::route::{Access, Idempotency, Limit, Route};
use bharatmart_runtime::spec::Spec;
use http::StatusCode;
use serde_json::{Value, json};

use super::schemas::Schemas;

type Codes = BTreeMap<u16, BTreeSet<&'static str>>;

const ANY: &[(u16, &str)] = &[(500, "internal"), (503, "busy"), (503, "deadline_exceeded"), (503, "unavailable")];
const WITH_TOKEN: &[(u16, &str)] =
    &[(401, "token_invalid"), (401, "token_expired"), (401, "account_disabled"), (403, "forbidden")];
const WITHOUT_TOKEN: &[(u16, &str)] = &[(401, "token_missing")];
const WITH_SESSION: &[(u16, &str)] = &[(401, "session_revoked")];
const WITH_LIMIT: &[(u16, &str)] = &[(429, "rate_limited")];
const WITH_BODY: &[(u16, &str)] = &[
    (400, "malformed_json"),
    (400, "body_too_deep"),
    (413, "body_too_large"),
    (415, "unsupported_media_type"),
    (422, "validation_failed"),
];
/// A parameter that a route does not have is refused.
const PARAMETERS: &[(u16, &str)] = &[(422, "validation_failed")];
const WITH_KEY: &[(u16, &str)] =
    &[(400, "idempotency_key_invalid"), (409, "request_in_progress"), (422, "idempotency_key_reused")];
const WITHOUT_KEY: &[(u16, &str)] = &[(400, "idempotency_key_missing")];

pub fn of(route: &Route, spec: &Spec) -> Codes {
    let mut codes = Codes::new();
    let mut add = |problems: &[(u16, &'static str)]| {
        for (status, code) in problems {
            codes.entry(*status).or_default().insert(code);
        }
    };
    add(ANY);
    add(&spec.problems);
    match route.access {
        Access::Public => {}
        Access::Guest(_) => add(WITH_TOKEN),
        Access::User(_) => [WITH_TOKEN, WITHOUT_TOKEN].into_iter().for_each(&mut add),
        Access::May(..) => [WITH_TOKEN, WITHOUT_TOKEN, WITH_SESSION].into_iter().for_each(&mut add),
    }
    if route.limit != Limit::Unlimited {
        add(WITH_LIMIT);
        add(PARAMETERS);
    }
    if spec.body.is_some() {
        add(WITH_BODY);
    }
    if route.idempotency != Idempotency::None {
        add(WITH_KEY);
    }
    if route.idempotency == Idempotency::Required {
        add(WITHOUT_KEY);
    }
    codes
}

pub fn response(status: u16, codes: &BTreeSet<&str>, schemas: &mut Schemas) -> Result<Value, String> {
    let status = StatusCode::from_u16(status).map_err(|_| format!("{status} is no HTTP status"))?;
    let problem = schemas.problem();
    let codes: Vec<_> = codes.iter().collect();
    let mut headers = json!({ "X-Request-Id": super::header("X-Request-Id") });
    match status {
        StatusCode::UNAUTHORIZED => headers["WWW-Authenticate"] = super::header("WWW-Authenticate"),
        StatusCode::METHOD_NOT_ALLOWED => headers["Allow"] = super::header("Allow"),
        StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            headers["Retry-After"] = super::header("Retry-After");
        }
        _ => {}
    }
    Ok(json!({
        "description": status.canonical_reason().unwrap_or("A problem"),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "allOf": [problem, { "properties": { "code": { "enum": codes } } }] },
            },
        },
    }))
}
