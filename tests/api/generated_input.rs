//! What nobody thought of: fifty requests a route, made wrong by chance from the route's own example and parameters. Each
//! is answered with a 4xx that names the field, and what is only strange never with a 5xx.

use std::path::Path;

use bharatmart_core::{Role, Tenant};
use bharatmart_runtime::spec::{Param, Place};
use bharatmart_runtime::{Access, Endpoint, Idempotency};
use futures_util::stream::{self, StreamExt};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::client::Ask;
use crate::world::{Shop, host, on_every_shop};

on_every_shop!(fifty_wrong_requests_a_route_name_the_field, fifty_strange_requests_a_route_are_never_the_shops_fault);

const A_ROUTE: usize = 50;
const AT_ONCE: usize = 8;

/// A request, and which field is wrong with it.
#[derive(Clone, Debug)]
struct Bad {
    query: String,
    body: Option<String>,
    field: String,
}

async fn fifty_wrong_requests_a_route_name_the_field(shop: &Shop) {
    let everyone = Everyone::of(shop, &Tenant::main()).await;
    for endpoint in endpoints() {
        let mut random = StdRng::seed_from_u64(seed(&endpoint));
        let wrong: Vec<_> = (0..A_ROUTE).map(|_| wrong(&endpoint, &mut random)).collect();
        let answers = wrong.into_iter().map(|bad| async {
            let answer = everyone.ask(shop, &endpoint, &path(&endpoint), &bad).send().await;
            (bad, answer)
        });
        let answers: Vec<_> = stream::iter(answers).buffer_unordered(AT_ONCE).collect().await;
        for (bad, answer) in answers {
            let at = format!("{} {bad:?}: {answer:?}", endpoint.route.name);
            assert_eq!(answer.status, 422, "{at}");
            let problem = answer.json();
            let fields =
                problem["errors"].as_array().expect(&at).iter().map(|error| error["field"].as_str().expect(&at));
            let named = fields.into_iter().any(|field| field.starts_with(&bad.field) || bad.field.starts_with(field));
            assert!(named, "{} is not named: {at}", bad.field);
        }
    }
}

/// May be right by chance, so only what must not be is looked for, in a shop nobody else is in. Whoever asks may lose
/// their account by it.
async fn fifty_strange_requests_a_route_are_never_the_shops_fault(shop: &Shop) {
    let strange_shop = Tenant::parse("strange").unwrap();
    let mut everyone = Everyone::of(shop, &strange_shop).await;
    for endpoint in endpoints() {
        let mut random = StdRng::seed_from_u64(seed(&endpoint) ^ 1);
        let strange: Vec<_> = (0..A_ROUTE).map(|_| strange(&endpoint, &mut random)).collect();
        let asked = strange.into_iter().map(|(path, bad)| {
            let (everyone, endpoint) = (&everyone, &endpoint);
            async move { (everyone.ask(shop, endpoint, &path, &bad).send().await, path, bad) }
        });
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
        for (answer, path, bad) in answers {
            assert!(answer.status.as_u16() < 500, "{} {path} {bad:?}: {answer:?}", endpoint.route.name);
        }
        if endpoint.route.service == "identity" {
            everyone = Everyone::of(shop, &strange_shop).await;
        }
    }
}

/// Health answers 503 while something is away, and takes no parameter anybody could get wrong; nor does what answers where
/// there is no route.
fn endpoints() -> impl Iterator<Item = Endpoint> {
    let endpoints = bharatmart_functions::endpoints().into_iter();
    endpoints.filter(|endpoint| !endpoint.route.name.starts_with("health-") && endpoint.route.path.starts_with('/'))
}

/// Of a shop: an admin and a customer.
struct Everyone {
    host: String,
    admin: String,
    customer: String,
}

impl Everyone {
    async fn of(shop: &Shop, tenant: &Tenant) -> Self {
        Everyone {
            host: host(tenant),
            admin: shop.somebody(Role::Admin, tenant).await.token,
            customer: shop.somebody(Role::Customer, tenant).await.token,
        }
    }

    fn ask<'a>(&self, shop: &'a Shop, endpoint: &Endpoint, path: &str, bad: &Bad) -> Ask<'a> {
        let ask = shop.client.ask(endpoint.route.method.as_str(), &format!("{path}{}", bad.query));
        let ask = match endpoint.route.access {
            Access::Public | Access::Guest(_) => ask,
            Access::User(_) => ask.token(&self.customer),
            Access::May(..) => ask.token(&self.admin),
        };
        let ask = ask.header("host", &self.host).header("if-match", "*");
        let ask = match endpoint.route.idempotency {
            Idempotency::Required => ask.header("idempotency-key", &shop.unique()),
            Idempotency::Optional | Idempotency::None => ask,
        };
        bad.body.iter().fold(ask, |ask, body| ask.bytes(body.clone().into_bytes()))
    }
}

/// The same requests in each run, others for each route.
fn seed(endpoint: &Endpoint) -> u64 {
    endpoint.route.name.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn params(endpoint: &Endpoint, place: Place) -> Vec<Param> {
    (endpoint.spec)().params.into_iter().filter(|param| param.place == place).collect()
}

fn path(endpoint: &Endpoint) -> String {
    params(endpoint, Place::Path).iter().fold(endpoint.route.path.to_owned(), |path, param| {
        path.replace(&format!("{{{}}}", param.name), param.example.unwrap())
    })
}

fn example(endpoint: &Endpoint) -> Option<Value> {
    let bodies = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/generate/bodies");
    let text = std::fs::read_to_string(Path::new(bodies).join(format!("{}.json", endpoint.route.name))).ok();
    assert!(text.is_some() || (endpoint.spec)().body.is_none(), "{} has no example", endpoint.route.name);
    text.map(|text| serde_json::from_str(&text).unwrap())
}

fn wrong(endpoint: &Endpoint, random: &mut StdRng) -> Bad {
    match example(endpoint) {
        Some(body) if random.random_bool(0.9) => wrong_body(body, random),
        body => {
            let (query, field) = wrong_query(&params(endpoint, Place::Query), random);
            Bad { query, field, body: body.map(|body| body.to_string()) }
        }
    }
}

/// Somewhere in the example a field too many, or a value of another type.
fn wrong_body(mut body: Value, random: &mut StdRng) -> Bad {
    let places = places(&body, "");
    let pointer = places[random.random_range(0..places.len())].clone();
    let spoilt = body.pointer_mut(&pointer).unwrap();
    let mut field = named(&pointer);
    match spoilt {
        Value::Object(fields) if random.random_bool(0.6) || pointer.is_empty() => {
            let name = word(random);
            // A list is no value of a pair either, where any name will do.
            fields.insert(name.clone(), json!([[]]));
            field = if field.is_empty() { name } else { format!("{field}.{name}") };
        }
        value => *value = other_type(value, random),
    }
    Bad { query: String::new(), body: Some(body.to_string()), field }
}

/// JSON pointers to everything in it.
fn places(value: &Value, at: &str) -> Vec<String> {
    let below: Vec<_> = match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| places(value, &format!("{at}/{name}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(nth, value)| places(value, &format!("{at}/{nth}"))).collect()
        }
        _ => Vec::new(),
    };
    [at.to_owned()].into_iter().chain(below).collect()
}

/// As a problem names it: `variants[0].sku`.
fn named(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    steps.fold(String::new(), |name, step| match (step.parse::<usize>(), name.is_empty()) {
        (Ok(nth), _) => format!("{name}[{nth}]"),
        (Err(_), true) => step.to_owned(),
        (Err(_), false) => format!("{name}.{step}"),
    })
}

fn other_type(value: &Value, random: &mut StdRng) -> Value {
    let others = [json!(-7.5), json!("\u{1f6d2}".repeat(3)), json!(true), json!([[1]]), json!({ "x": {} })];
    let is_other = |other: &&Value| std::mem::discriminant(*other) != std::mem::discriminant(value);
    let others: Vec<_> = others.iter().filter(is_other).collect();
    others[random.random_range(0..others.len())].clone()
}

/// One of the route's parameters twice or with a value it cannot have, or one it does not have.
fn wrong_query(params: &[Param], random: &mut StdRng) -> (String, String) {
    let given = params.iter().filter(|param| param.required).map(|param| (param.name, param.example.unwrap()));
    let mut pairs: Vec<(String, String)> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let param = (!params.is_empty()).then(|| &params[random.random_range(0..params.len())]);
    let field = match param.and_then(|param| Some((param.name, wrong_value(param.schema, random)?))) {
        Some((name, value)) if random.random_bool(0.7) => {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.to_owned(), value));
            name.to_owned()
        }
        Some((name, value)) if random.random_bool(0.3) => {
            pairs.extend([(name.to_owned(), value.clone()), (name.to_owned(), value)]);
            name.to_owned()
        }
        _ => {
            let name = word(random);
            pairs.push((name.clone(), "1".to_owned()));
            name
        }
    };
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    (format!("?{}", pairs.join("&")), field)
}

/// `None` where any text will do.
fn wrong_value(schema: &str, random: &mut StdRng) -> Option<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let mut wrong = Vec::new();
    match schema["type"].as_str() {
        Some("integer" | "number") => {
            wrong.extend(["many", "1e", "--1", "0x10", "१२", "NaN", "99999999999999999999999999"].map(str::to_owned));
            wrong.extend(schema["minimum"].as_i64().map(|least| (least - 1).to_string()));
            wrong.extend(schema["maximum"].as_i64().map(|most| (most + 1).to_string()));
        }
        Some("boolean") => wrong.extend(["yes", "1", "TRUE", "हाँ"].map(str::to_owned)),
        _ if schema["enum"].is_array() => wrong.extend(["loudest", "NEWEST", "ASC;", "\u{0}"].map(str::to_owned)),
        _ if schema["pattern"].is_string() => wrong.extend(["12", "x", "१२३४५६"].map(str::to_owned)),
        _ => wrong.extend(schema["maxLength"].as_u64().map(|most| "x".repeat(most as usize + 1))),
    }
    (!wrong.is_empty()).then(|| wrong.swap_remove(random.random_range(0..wrong.len())))
}

fn word(random: &mut StdRng) -> String {
    let letters: String = (0..random.random_range(3..12)).map(|_| random.random_range('a'..='z')).collect();
    format!("zz_{letters}")
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A path, query and body of odd pieces; some may even be right.
fn strange(endpoint: &Endpoint, random: &mut StdRng) -> (String, Bad) {
    const PIECES: &[&str] = &[
        "",
        " ",
        "0",
        "-1",
        "null",
        "NaN",
        "%",
        "'; DROP TABLE stock;--",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\u{0}",
        "\u{feff}",
        "\u{202e}आटा",
        "prd_",
        "prd_00000000000000000000000000000000",
        "cat_x",
        "~",
        "\u{10FFFF}",
        "9223372036854775808",
        "{\"$gt\":\"\"}",
        "${jndi:ldap://x}",
        "a\r\nX-Evil: 1",
        "%25%30%30",
        "e\u{301}\u{301}\u{301}",
    ];
    let piece = |random: &mut StdRng| {
        let piece = PIECES[random.random_range(0..PIECES.len())];
        if random.random_bool(0.1) { piece.repeat(400) } else { piece.to_owned() }
    };
    let mut path = endpoint.route.path.to_owned();
    for param in params(endpoint, Place::Path) {
        let value = if random.random_bool(0.7) { piece(random) } else { param.example.unwrap().to_owned() };
        // A path without a step is another route.
        let value = if value.is_empty() { "x".to_owned() } else { value };
        path = path.replace(&format!("{{{}}}", param.name), &encoded(&value));
    }
    let names = params(endpoint, Place::Query).into_iter().filter(|_| random.random_bool(0.5)).map(|param| param.name);
    let names: Vec<_> = names.collect();
    let pairs: Vec<_> = names.iter().map(|name| format!("{name}={}", encoded(&piece(random)))).collect();
    let body = example(endpoint).map(|mut body| {
        for _ in 0..random.random_range(1..4) {
            let places = places(&body, "");
            let pointer = &places[random.random_range(0..places.len())];
            let text = piece(random);
            *body.pointer_mut(pointer).unwrap() = match random.random_range(0..5) {
                0 => json!(text),
                1 => json!(i64::MIN),
                2 => json!(u64::MAX),
                3 => Value::Null,
                _ => json!([text, 1.5e300, { "a": text }]),
            };
        }
        let mut text: Vec<char> = body.to_string().chars().collect();
        if random.random_bool(0.2) {
            let at = random.random_range(0..text.len());
            text[at] = random.random();
        }
        text.into_iter().collect()
    });
    (path, Bad { query: format!("?{}", pairs.join("&")), body, field: String::new() })
}
