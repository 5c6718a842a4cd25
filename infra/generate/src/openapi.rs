//! docs/openapi.json: OpenAPI 3.1 from each route's declaration and description, with what the runtime adds to every
//! route: problems, request ids, conditional reads, idempotency keys, tokens.

mod problems;
mod schemas;

use std::collections::BTreeMap;

use bharatmart_runtime::Endpoint;
use bharatmart_runtime::config::CART_KEY;
use bharatmart_runtime::route::{Access, Idempotency, Limit, Route};
use bharatmart_runtime::spec::{IfMatch, Param, Place, Spec};
use http::Method;
use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::events::Bodies;
use schemas::Schemas;

pub fn document(catalogue: &Catalogue, bodies: &Bodies) -> Result<Value, String> {
    let api = catalogue.api();
    let mut schemas = Schemas::of(&api);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in &api {
        let operation = operation(endpoint, &mut schemas, bodies)?;
        let method = endpoint.route.method.as_str().to_lowercase();
        paths.entry(endpoint.route.path).or_default().insert(method, operation);
    }
    let mut services: Vec<_> = api.iter().map(|endpoint| endpoint.route.service).collect();
    services.sort_unstable();
    services.dedup();
    let tags: Vec<_> = services.iter().map(|service| json!({ "name": service })).collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "BharatMart",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "An online shop for India. Money is a count of paise; times are RFC 3339 in UTC; what goes \
                wrong is told as RFC 9457 problems with a stable `code`.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.all(),
            "parameters": shared_parameters(),
            "headers": shared_headers(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token, as a log-in gives it; it lasts a quarter of an hour.",
                },
            },
        },
    }))
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas, bodies: &Bodies) -> Result<Value, String> {
    let route = endpoint.route;
    let spec = (endpoint.spec)();
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "description": spec.description,
        "tags": [route.service],
        "security": security(route),
        "parameters": parameters(route, &spec)?,
        "responses": responses(route, &spec, schemas)?,
    });
    if let Some(body) = spec.body {
        let mut content = json!({ "schema": schemas.body(body) });
        if let Some(example) = bodies.of(route.name) {
            content["example"] = example.clone();
        }
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
    }
    Ok(operation)
}

fn security(route: &Route) -> Value {
    match route.access {
        Access::Public => json!([]),
        Access::Guest(_) => json!([{}, { "bearer": [] }]),
        Access::User(_) | Access::May(..) => json!([{ "bearer": [] }]),
    }
}

fn parameters(route: &Route, spec: &Spec) -> Result<Vec<Value>, String> {
    let mut parameters = spec.params.iter().map(|param| parameter(route, param)).collect::<Result<Vec<_>, _>>()?;
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    parameters.push(shared("RequestId"));
    if route.method == Method::GET {
        parameters.push(shared("IfNoneMatch"));
    }
    if route.needs.iter().any(|need| need.grant.secret() == Some(CART_KEY)) {
        parameters.push(shared("CartToken"));
    }
    match spec.if_match {
        IfMatch::Ignored => {}
        IfMatch::Optional => parameters.push(shared("IfMatch")),
        IfMatch::Required => parameters.push(shared("RequiredIfMatch")),
    }
    match route.idempotency {
        Idempotency::None => {}
        Idempotency::Optional => parameters.push(shared("IdempotencyKey")),
        Idempotency::Required => parameters.push(shared("RequiredIdempotencyKey")),
    }
    Ok(parameters)
}

fn parameter(route: &Route, param: &Param) -> Result<Value, String> {
    let schema: Value = serde_json::from_str(param.schema)
        .map_err(|error| format!("{}: the schema of the parameter {} is no JSON: {error}", route.name, param.name))?;
    let place = match param.place {
        Place::Path => "path",
        Place::Query => "query",
    };
    let mut parameter = json!({
        "name": param.name,
        "in": place,
        "description": param.description,
        "required": param.required,
        "schema": schema,
    });
    if let Some(example) = param.example {
        // A number's example is a number.
        let text = || Value::from(example);
        let is_text = parameter["schema"]["type"] == "string";
        parameter["example"] = if is_text { text() } else { serde_json::from_str(example).unwrap_or_else(|_| text()) };
    }
    Ok(parameter)
}

fn responses(route: &Route, spec: &Spec, schemas: &mut Schemas) -> Result<Value, String> {
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    for answer in &spec.answers {
        let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
        if route.method == Method::GET && answer.status == 200 {
            headers["ETag"] = header("ETag");
        }
        if route.limit != Limit::Unlimited {
            headers["RateLimit"] = header("RateLimit");
            headers["RateLimit-Policy"] = header("RateLimit-Policy");
        }
        if answer.status == 201 {
            headers["Location"] = header("Location");
        }
        if route.idempotency != Idempotency::None && answer.status < 300 {
            headers["Idempotency-Replayed"] = header("Idempotency-Replayed");
        }
        let mut response = json!({ "description": answer.description, "headers": headers });
        if let Some(schema) = answer.schema {
            response["content"] = json!({ "application/json": { "schema": schemas.answer(schema) } });
        }
        responses.insert(answer.status.to_string(), response);
    }
    if route.method == Method::GET {
        let unchanged = json!({
            "description": "Not changed since the ETag in If-None-Match.",
            "headers": { "ETag": header("ETag"), "X-Request-Id": header("X-Request-Id") },
        });
        responses.entry("304".to_owned()).or_insert(unchanged);
    }
    for (status, codes) in problems::of(route, spec) {
        let problem = problems::response(status, &codes, schemas)?;
        match responses.get_mut(&status.to_string()) {
            // Two shapes of one status: told apart by their media type.
            Some(response) => {
                response["content"]["application/problem+json"] = problem["content"]["application/problem+json"].clone()
            }
            None => {
                responses.insert(status.to_string(), problem);
            }
        }
    }
    Ok(json!(responses))
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn shared_parameters() -> Value {
    let key = |required: bool, description: &str| {
        json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": required,
            "description": description,
            "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" },
        })
    };
    let version = |required: bool, description: &str| {
        json!({
            "name": "If-Match",
            "in": "header",
            "required": required,
            "description": description,
            "schema": { "type": "string", "minLength": 1 },
        })
    };
    json!({
        "RequestId": {
            "name": "X-Request-Id",
            "in": "header",
            "required": false,
            "description": "Names the request in logs and in its answer; made up when it is missing.",
            "schema": { "type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$" },
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": false,
            "description": "ETags the caller has already; 304 when one is still right.",
            "schema": { "type": "string" },
        },
        "CartToken": {
            "name": "X-Cart-Token",
            "in": "header",
            "required": false,
            "description": "Holds a guest's cart, as it was given out with an edit of it; a cookie may hold it instead.",
            "schema": { "type": "string" },
        },
        "IfMatch": version(false, "The ETag of the version that is meant; refused when another is there by now."),
        "RequiredIfMatch": version(true, "The ETag of the version to change, or `*` for whichever is there."),
        "IdempotencyKey": key(false, "A request repeated with the same key is done once, and answered alike for a day."),
        "RequiredIdempotencyKey": key(true, "A request repeated with the same key is done once, and answered alike for a day."),
    })
}

fn shared_headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    let seconds = json!({ "type": "integer", "minimum": 0 });
    json!({
        "X-Request-Id": text("Names the request in the logs."),
        "ETag": text("Names this content."),
        "Location": text("Where what was made is."),
        "Allow": text("The methods there are."),
        "WWW-Authenticate": text("The scheme to authenticate by."),
        "Idempotency-Replayed": text("`true` when this is the answer to an earlier request with the same key."),
        "RateLimit": text("What is left of the limit, and in how many seconds it begins anew."),
        "RateLimit-Policy": text("The limit a request falls under, and its window in seconds."),
        "Retry-After": { "description": "Seconds to wait before trying again.", "schema": seconds },
    })
}
