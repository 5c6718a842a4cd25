//! events/<function>.json: one event a function, as AWS would send it, for `cargo lambda invoke`. A route's body is a
//! person's: infra/generate/bodies/<function>.json.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bharatmart_core::catalog::{CategoryTold, ProductTold};
use bharatmart_core::inventory::{Location, MovedLine, Reason, StockMoved};
use bharatmart_core::orders::{OrderState, OrderStatus};
use bharatmart_core::payments::{PaymentState, PaymentStatus, WebhookDue};
use bharatmart_core::ports::{Clock, Ids};
use bharatmart_core::queues::Queue;
use bharatmart_core::{
    CategoryId, Event, EventKind, Hand, Notice, OrderId, Paise, PaymentId, ProductId, Sku, Tenant, Timestamp, UserId,
};
use bharatmart_runtime::Endpoint;
use bharatmart_runtime::route::Idempotency;
use bharatmart_runtime::spec::{Param, Place};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalogue::{Catalogue, DEFAULT_PATH, Trigger};

/// Diwali of 2026, in the morning: samples must not change by themselves.
const THEN_MS: i64 = 1_794_108_600_000;
const REGION: &str = "ap-south-1";
const ACCOUNT: &str = "123456789012";

/// Example bodies, by function.
pub struct Bodies(BTreeMap<&'static str, Value>);

impl Bodies {
    pub fn read(catalogue: &Catalogue, root: &Path) -> Result<Self, String> {
        let mut bodies = BTreeMap::new();
        for endpoint in catalogue.endpoints.iter().filter(|endpoint| (endpoint.spec)().body.is_some()) {
            let name = endpoint.route.name;
            let path = format!("infra/generate/bodies/{name}.json");
            let text = fs::read_to_string(root.join(&path))
                .map_err(|error| format!("{name} takes a body: write a good one in {path} ({error})"))?;
            let body = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
            bodies.insert(name, body);
        }
        Ok(Bodies(bodies))
    }

    pub fn of(&self, function: &str) -> Option<&Value> {
        self.0.get(function)
    }
}

pub fn all(catalogue: &Catalogue, bodies: &Bodies) -> Result<Vec<(&'static str, Value)>, String> {
    let mut events = Vec::new();
    for endpoint in &catalogue.endpoints {
        events.push((endpoint.route.name, request(endpoint, bodies)?));
    }
    for function in catalogue.functions() {
        match function.trigger {
            Trigger::Route(_) => {}
            Trigger::Queue { queue, .. } => events.push((function.name, messages(queue)?)),
            Trigger::Schedule { .. } => events.push((function.name, tick(function.name))),
            Trigger::Once => events.push((function.name, json!({}))),
        }
    }
    Ok(events)
}

/// As an HTTP API sends it, payload version 2.0.
fn request(endpoint: &Endpoint, bodies: &Bodies) -> Result<Value, String> {
    let route = endpoint.route;
    let spec = (endpoint.spec)();
    let params = |place: Place| spec.params.iter().filter(move |param| param.place == place);
    let mut path = if route.path == DEFAULT_PATH { "/api/v1/no-such-thing".to_owned() } else { route.path.to_owned() };
    for param in params(Place::Path) {
        path = path.replace(&format!("{{{}}}", param.name), example(route.name, param)?);
    }
    let query: Vec<(&str, &str)> =
        params(Place::Query).filter_map(|param| Some((param.name, param.example?))).collect();
    let raw: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();

    let host = format!("a1b2c3d4e5.execute-api.{REGION}.amazonaws.com");
    let mut headers =
        json!({ "accept": "application/json", "host": host, "user-agent": "sample", "x-forwarded-proto": "https" });
    if !route.access.is_public() {
        headers["authorization"] = "Bearer ${TOKEN}".into();
    }
    if route.idempotency != Idempotency::None {
        headers["idempotency-key"] = format!("sample-{}", route.name).into();
    }
    let key =
        if route.path == DEFAULT_PATH { DEFAULT_PATH.to_owned() } else { format!("{} {}", route.method, route.path) };
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": raw.join("&"),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": route.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "sample",
            },
            "requestId": format!("sample-{}", route.name),
            "routeKey": key,
            "stage": "$default",
            "timeEpoch": THEN_MS,
        },
        "isBase64Encoded": false,
    });
    let named = |params: &[(&str, &str)]| {
        Value::Object(params.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect())
    };
    let in_path: Vec<_> = params(Place::Path).filter_map(|param| Some((param.name, param.example?))).collect();
    if !in_path.is_empty() {
        event["pathParameters"] = named(&in_path);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = named(&query);
    }
    if let Some(body) = bodies.of(route.name) {
        headers["content-type"] = "application/json".into();
        event["body"] = body.to_string().into();
    }
    event["headers"] = headers;
    Ok(event)
}

fn example(function: &str, param: &Param) -> Result<&'static str, String> {
    param.example.ok_or_else(|| format!("{function}: the path parameter {} has no example", param.name))
}

fn encoded(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// One message of every kind that travels on the queue.
fn messages(queue: &Queue) -> Result<Value, String> {
    let heard = |kind: &&EventKind| kind.queues().iter().any(|of| of.name == queue.name);
    let records: Result<Vec<_>, _> =
        EventKind::ALL.iter().filter(heard).enumerate().map(|(nth, kind)| message(queue, *kind, nth as u128)).collect();
    Ok(json!({ "Records": records? }))
}

fn message(queue: &Queue, kind: EventKind, nth: u128) -> Result<Value, String> {
    let event = an_event(kind, nth)?;
    let body = serde_json::to_string(&event).map_err(|error| error.to_string())?;
    let suffix = if queue.fifo { ".fifo" } else { "" };
    let mut attributes = json!({
        "ApproximateFirstReceiveTimestamp": (THEN_MS + 40).to_string(),
        "ApproximateReceiveCount": "1",
        "SenderId": "AROASAMPLE:products-create",
        "SentTimestamp": THEN_MS.to_string(),
    });
    if queue.fifo {
        attributes["MessageDeduplicationId"] = event.id.to_string().into();
        attributes["MessageGroupId"] = queue.name.into();
        attributes["SequenceNumber"] = format!("{:020}", 1 + nth).into();
    }
    Ok(json!({
        "messageId": Uuid::from_u128(nth + 1).to_string(),
        "receiptHandle": "sample",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:bharatmart-{}{suffix}", queue.name),
        "awsRegion": REGION,
    }))
}

/// A moment and an id that stay the same.
struct Then(Uuid);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(THEN_MS)
    }
}

impl Ids for Then {
    fn uuid(&self) -> Uuid {
        self.0
    }
}

/// About what there is none of: the worker finds it gone, on every store.
fn an_event(kind: EventKind, nth: u128) -> Result<Event, String> {
    let none = (u128::from(THEN_MS.unsigned_abs()) << 80) | (7 << 76) | (2 << 62);
    let id = Uuid::from_u128(none);
    let (product_id, user_id) = (ProductId::from_uuid(id), UserId::from_uuid(id));
    let (order_id, payment_id) = (OrderId::from_uuid(id), PaymentId::from_uuid(id));
    let (tenant, then) = (Tenant::main(), Then(Uuid::from_u128(none + 1 + nth)));
    let hand = Hand::shop(&tenant, &then, &then);
    let sum = Paise::from_rupees(299);
    Ok(match kind {
        EventKind::ProductChanged => hand.event(kind, product_id, &ProductTold { product_id, version: 1 }),
        EventKind::CategoryChanged => {
            let category_id = CategoryId::from_uuid(id);
            let told = CategoryTold { category_id, version: 2, renamed: true, before: None };
            hand.event(kind, category_id, &told)
        }
        EventKind::StockMoved => {
            let sku = Sku::parse("NONE").map_err(|wrong| wrong.to_string())?;
            let line = MovedLine { product_id, sku, location: Location::main(), available: 1, reserved: 0 };
            let moved = StockMoved { lines: vec![line], ..StockMoved::by(&[], Reason::Adjusted, "shop") };
            hand.event(kind, product_id, &moved)
        }
        EventKind::OrderPlaced
        | EventKind::OrderConfirmed
        | EventKind::OrderShipped
        | EventKind::OrderDelivered
        | EventKind::OrderCancelled => {
            let (number, status) = ("BM-2026-000001".to_owned(), OrderStatus::Confirmed);
            hand.event(kind, order_id, &OrderState { order_id, number, user_id, status, total: sum })
        }
        EventKind::PaymentOpened
        | EventKind::PaymentCaptured
        | EventKind::PaymentFailed
        | EventKind::PaymentRefunded
        | EventKind::RefundDue => {
            let state = PaymentState {
                payment_id,
                order_id,
                user_id,
                amount: sum,
                refunded: Paise::ZERO,
                status: PaymentStatus::Captured,
                failure_code: None,
                refund_amount: None,
            };
            hand.event(kind, payment_id, &state)
        }
        // It has nothing to tell.
        EventKind::MockWebhookDue => hand.event(kind, payment_id, &WebhookDue { payment_id, says: Vec::new() }),
        EventKind::NotificationRequested => Notice::Welcome { user_id }.event(&tenant, &then, &then),
        EventKind::InventoryAdjusted
        | EventKind::InventoryLowStock
        | EventKind::UserCreated
        | EventKind::UserUpdated
        | EventKind::UserDeleted => return Err(format!("{} has a queue by now: write a sample", kind.name())),
    })
}

/// As EventBridge Scheduler sends it when the schedule has no input of its own.
fn tick(function: &str) -> Value {
    json!({
        "version": "0",
        "id": Uuid::from_u128(1).to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": Timestamp::from_millis(THEN_MS).to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/bharatmart-{function}")],
        "detail": "{}",
    })
}
