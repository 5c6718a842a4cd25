//! No route is forgotten: what each lets in is tried from the catalogue, so that a new route is tried by itself; that each
//! is used rightly by some test is read from the tests; and docs/security.md names no test that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bharatmart_core::{Role, Tenant};
use bharatmart_runtime::spec::{IfMatch, Place};
use bharatmart_runtime::{Access, Endpoint};
use serde_json::json;

use crate::client::Ask;
use crate::world::{Shop, on_every_shop};

/// Routes that ask nobody who they are. Each new one is written down here, knowingly.
const PUBLIC: &[&str] = &[
    "auth-login",
    "auth-signup",
    "banners-list",
    "categories-get",
    "categories-list",
    "delivery-get",
    "email-verify",
    "health-live",
    "health-ready",
    "health-show",
    "inventory-get",
    "issuer-show",
    "keys-list",
    "mfa-verify",
    "not-found",
    "otp-send",
    "password-forgot",
    "password-reset",
    "products-get",
    "products-list",
    "products-search",
    "search-suggest",
    "tokens-refresh",
    "webhooks-receive",
];

/// Routes for guests, where a token must be a good one if there is one.
const GUESTS: &[&str] = &[
    "cart-coupon-apply",
    "cart-coupon-remove",
    "cart-empty",
    "cart-get",
    "cart-items-add",
    "cart-items-remove",
    "cart-items-set",
    "cart-quote",
    "cart-validate",
    "flags-show",
    "otp-verify",
];

on_every_shop!(
    without_a_token_each_route_that_is_not_public_answers_401,
    with_a_token_that_is_none_each_route_that_looks_at_it_answers_401,
    with_a_role_that_may_not_each_route_that_names_a_permission_answers_403,
);

fn names(of: impl Fn(&Access) -> bool) -> BTreeSet<&'static str> {
    let endpoints = bharatmart_functions::endpoints();
    endpoints.iter().filter(|endpoint| of(&endpoint.route.access)).map(|endpoint| endpoint.route.name).collect()
}

#[test]
fn only_these_routes_are_open_to_everybody() {
    assert_eq!(names(Access::is_public), PUBLIC.iter().copied().collect());
    assert_eq!(names(|access| matches!(access, Access::Guest(_))), GUESTS.iter().copied().collect());
}

/// A request as the route's own example has it, with a body that says nothing: who may call is settled before it is read.
fn ask<'a>(shop: &'a Shop, endpoint: &Endpoint) -> Ask<'a> {
    let route = endpoint.route;
    let params = (endpoint.spec)().params;
    let in_path = params.iter().filter(|param| param.place == Place::Path);
    let path = in_path.fold(route.path.to_owned(), |path, param| {
        path.replace(&format!("{{{}}}", param.name), param.example.unwrap_or("x"))
    });
    assert!(!path.contains('{'), "{} has a parameter without an example: {path}", route.name);
    shop.client.ask(route.method.as_str(), &path).json(&json!({}))
}

fn guarded() -> Vec<Endpoint> {
    let endpoints = bharatmart_functions::endpoints().into_iter();
    endpoints.filter(|endpoint| matches!(endpoint.route.access, Access::User(_) | Access::May(..))).collect()
}

async fn without_a_token_each_route_that_is_not_public_answers_401(shop: &Shop) {
    for endpoint in guarded() {
        let answer = ask(shop, &endpoint).send().await;
        assert_eq!(answer.status, 401, "{}: {answer:?}", endpoint.route.name);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{}", endpoint.route.name);
        answer.expect_problem(401, "token_missing");
    }
}

async fn with_a_token_that_is_none_each_route_that_looks_at_it_answers_401(shop: &Shop) {
    let endpoints = bharatmart_functions::endpoints();
    for endpoint in endpoints.iter().filter(|endpoint| !endpoint.route.access.is_public()) {
        let answer = ask(shop, endpoint).token("no.good.token").send().await;
        assert_eq!(answer.status, 401, "{}: {answer:?}", endpoint.route.name);
        answer.expect_problem(401, "token_invalid");
    }
}

async fn with_a_role_that_may_not_each_route_that_names_a_permission_answers_403(shop: &Shop) {
    let mut tokens = BTreeMap::new();
    for role in Role::ALL.iter().filter(|role| **role != Role::Admin) {
        tokens.insert(role.name(), shop.somebody(*role, &Tenant::main()).await.token);
    }
    for endpoint in guarded() {
        let Some(permission) = endpoint.route.access.permission() else { continue };
        for role in Role::ALL.iter().filter(|role| !role.may(permission)) {
            let answer = ask(shop, &endpoint).token(&tokens[role.name()]).send().await;
            assert_eq!(answer.status, 403, "{} as {}: {answer:?}", endpoint.route.name, role.name());
            answer.expect_problem(403, "forbidden");
        }
    }
}

/// Read from the tests: some function of them asks for the route's path by its method, and is content with what it gets.
#[test]
fn each_route_that_is_not_public_is_used_rightly_by_some_test() {
    let functions: Vec<String> = sources().iter().flat_map(|source| functions_of(source)).collect();
    let mut unused = Vec::new();
    for endpoint in bharatmart_functions::endpoints().iter().filter(|endpoint| !endpoint.route.access.is_public()) {
        let (method, path) = (endpoint.route.method.as_str(), endpoint.route.path);
        if !functions.iter().any(|function| uses(function, method, path)) {
            unused.push(format!("{} ({method} {path})", endpoint.route.name));
        }
    }
    assert!(unused.is_empty(), "no test uses {unused:#?}");
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api")
}

fn sources() -> Vec<String> {
    sources_in(tests())
}

fn sources_in(folder: PathBuf) -> Vec<String> {
    let mut folders = vec![folder];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("coverage.rs") {
                sources.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    sources
}

/// Read from the handlers: who is refused for the version that is named, or for naming none, is told of the header.
#[test]
fn a_route_that_looks_at_if_match_says_so() {
    let endpoints = bharatmart_functions::endpoints();
    let handlers = sources_in(tests().join("../../functions"));
    let mut looked = 0;
    for endpoint in &endpoints {
        let (name, spec) = (endpoint.route.name, (endpoint.spec)());
        let declares = format!("name: \"{name}\"");
        let handler = handlers.iter().find(|source| source.contains(&declares)).unwrap_or_else(|| panic!("no {name}"));
        let looks = match handler {
            handler if handler.contains("ctx.must_match(") => IfMatch::Required,
            handler if handler.contains("ctx.if_match(") => IfMatch::Optional,
            // All edits of a cart look at it.
            _ if spec.problems.contains(&(409, "cart_version_conflict")) => IfMatch::Optional,
            _ => IfMatch::Ignored,
        };
        assert_eq!(spec.if_match, looks, "{name}");
        assert_eq!(spec.problems.iter().any(|(status, _)| *status == 428), looks == IfMatch::Required, "{name}");
        looked += usize::from(looks != IfMatch::Ignored);
    }
    assert!(looked >= 20, "{looked} of {}", endpoints.len());
}

fn functions_of(source: &str) -> Vec<String> {
    let mut functions = vec![String::new()];
    for line in source.lines() {
        let words = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ");
        if words.starts_with("fn ") {
            functions.push(String::new());
        }
        let function = functions.last_mut().unwrap();
        function.push_str(line);
        function.push('\n');
    }
    functions
}

fn uses(function: &str, method: &str, path: &str) -> bool {
    let by_name = match method {
        "GET" => ".get(",
        "POST" => "post(",
        "DELETE" => ".delete(",
        _ => "\0",
    };
    let asks = function.contains(&format!("\"{method}\"")) || function.contains(by_name);
    let declared = function.split('{').next().unwrap_or_default();
    // A helper gives the answer to whoever called it.
    let content = declared.contains("->") || function.contains("expect(20") || function.contains("is_success()");
    let named = || function.split('"').skip(1).step_by(2).any(|text| is_path(text, path));
    asks && content && named()
}

/// `users/me/addresses/{id}`, `/api/v1/users/me/addresses/{}?x=1` and `{path}/default` are paths of routes, as tests
/// write them.
fn is_path(text: &str, path: &str) -> bool {
    fn parts(path: &str) -> Vec<&str> {
        let path = path.split('?').next().unwrap_or_default();
        path.strip_prefix("/api/v1").unwrap_or(path).trim_start_matches('/').split('/').collect()
    }
    let is_filled_in = |part: &str| part.starts_with('{');
    let (given, wanted) = (parts(text), parts(path));
    let same = |given: &[&str], wanted: &[&str]| {
        let part = |(given, wanted): (&&str, &&str)| given == wanted || (is_filled_in(wanted) && !given.is_empty());
        given.len() == wanted.len() && given.iter().zip(wanted).all(part)
    };
    match given.as_slice() {
        [begun, rest @ ..] if is_filled_in(begun) && !rest.is_empty() && rest.len() < wanted.len() => {
            same(rest, &wanted[wanted.len() - rest.len()..])
        }
        given => same(given, &wanted),
    }
}

#[test]
fn a_path_is_known_however_a_test_writes_it() {
    let one = "/api/v1/users/me/addresses/{id}";
    assert!(is_path("users/me/addresses/{id}", one) && is_path("/api/v1/users/me/addresses/{}", one));
    assert!(is_path("/api/v1/users/me/addresses/adr_1?x=1", one));
    assert!(is_path("{path}/default", "/api/v1/users/me/addresses/{id}/default"));
    assert!(!is_path("users/me/addresses", one) && !is_path("users/me/sessions/{id}", one) && !is_path("", one));
    let source = "async fn it(shop: &Shop) {\n    shop.get(\"users/me\").await.expect(200);\n}\n";
    assert!(uses(&functions_of(source)[1], "GET", "/api/v1/users/me"));
    assert!(!uses(&functions_of(source)[1], "DELETE", "/api/v1/users/me"));
    assert!(!uses(&functions_of(&source.replace("200", "404"))[1], "GET", "/api/v1/users/me"));
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let page = std::fs::read_to_string(tests().join("../../docs/security.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat")).collect();
    assert!(rows.len() >= 20, "{} threats", rows.len());
    for row in rows {
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        assert!(!named.is_empty(), "no test holds: {row}");
        for name in named {
            assert!(is_test(name), "there is no test {name}, which holds: {row}");
        }
    }
}

/// `attacks::tokens::an_expired_token_is_refused` is in tests/api; `core::…`, `runtime::…`, `workers::…` and
/// `conformance::…` stand beside what they test.
fn is_test(name: &str) -> bool {
    let root = tests().join("../..");
    let places = [
        ("core::", "shared/core/src"),
        ("runtime::", "shared/runtime/src"),
        ("adapters::", "shared/adapters/src"),
        ("workers::", "functions/workers/src"),
    ];
    let beside = places.iter().find_map(|(prefix, folder)| Some((root.join(folder), name.strip_prefix(prefix)?)));
    let conformance = || Some((root.join("tests/conformance"), name.strip_prefix("conformance::")?));
    let (folder, name) = beside.or_else(conformance).unwrap_or((tests(), name));
    let Some((module, name)) = name.rsplit_once("::") else { return false };
    let file = folder.join(module.replace("::", "/"));
    let sources = [file.with_extension("rs"), file.join("mod.rs")];
    sources
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .any(|source| source.contains(&format!("fn {name}(")))
}

#[test]
fn a_test_that_is_not_there_is_found_out() {
    assert!(is_test("attacks::tokens::an_expired_token_is_refused"));
    assert!(is_test(
        "core::identity::refresh::in_any_history_only_the_newest_and_for_a_moment_the_former_token_get_anywhere"
    ));
    assert!(!is_test("attacks::tokens::no_such_test") && !is_test("nowhere::at_all") && !is_test("tokens"));
}
