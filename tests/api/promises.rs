//! `docs/promises.md` against the tests: no promise is left out, and each is held by tests that run on every shop.

use std::path::{Path, PathBuf};

/// The features, as they were promised: identity and access, catalogue and search, inventory, cart, orders,
/// payments, workers and events, resilience.
const PROMISED: &[&str] = &[
    "Sign up and log in by e-mail and password (argon2id); e-mail verification (24 h token), forgotten and changed \
     password (1 h token, one use).",
    "Log in by phone: 6-digit code from a cryptographic generator, stored hashed, lives 300 s, 3 attempts counted \
     atomically, 5 sends per phone per hour (then 429 with Retry-After), only the newest code is valid, numbers \
     `+91[6-9]` and nine more digits. First use creates the account; a phone or e-mail is claimed only once proved.",
    "Access token: signed JWT (asymmetric key, `kid`, `iss`, `aud`), 15 min; public keys at `/.well-known/jwks.json`, \
     rotation without logging anyone out.",
    "Refresh token: opaque, stored hashed, 7 days, rotated on each use; using an old one again revokes its whole \
     family. Log out one device or all; list and end sessions.",
    "MFA: TOTP enrol, confirm, verify at login, recovery codes, remove; a code can't be used twice.",
    "OIDC: tokens of configured outside issuers (Keycloak, Cognito) are accepted by their JWKS, with claim-to-role \
     mapping.",
    "Roles: customer, seller, support, delivery, admin; permissions named per route, 401 and 403 told apart. 15 min \
     lock after 5 wrong passwords, counted per identifier (existing or not) and address, checked before the password.",
    "Profile (name, e-mail, phone, picture), soft delete that ends every session and keeps orders; deleted or disabled \
     users can't log in or refresh.",
    "Addresses: at most 10, label, name, phone, lines, landmark, city, state, 6-digit PIN code, coordinates, one \
     default; deleting the default promotes the newest.",
    "Products: name, slug, description, brand, unit, images, tags, attributes, variants (size, colour…) each with SKU, \
     price, compare-at price, stock; active or hidden; min, max and step of order quantity; GST rate and HSN code; \
     rating. Soft delete: old orders keep their lines.",
    "Categories as a tree with counts; banners with position, link and date window; featured products.",
    "List: filter by category, price, in stock, tag, brand, rating; sort by newest, price, rating, sales, name; signed \
     opaque cursors; limit 1–100 (default 20); real counts.",
    "Search: relevance, prefix, typo tolerance, facets with counts, suggestions as you type, highlights.",
    "wishlists.",
    "Admin: create, change, hide, delete; every change in the audit log.",
    "On hand, reserved, available per SKU and location. Reserving is one conditional write on the summed quantity per \
     SKU: stock never goes below zero and is never sold twice, whatever the load.",
    "Reservations expire (15 min) and are released exactly once. Adjustments carry a reason and a who; the log sums to \
     the stock. Low-stock alert and event.",
    "Guest and user carts, versioned (two tabs never lose a line), 7-day sliding life, merged at login without losing \
     any; prices always the catalogue's, never the client's (a list price is what the customer pays, GST included); max \
     50 lines; quantity rules of the product.",
    "Coupons (percent, amount, free delivery; window, minimum, per-user and total limits). Quote: lines, discount, GST \
     split (CGST/SGST or IGST by state), delivery (₹40, free from ₹499), total in paise; minimum order ₹199; PIN-code \
     serviceability and delivery slots. Validate: says what changed since it was added.",
    "Place from a cart or from lines, idempotent by `Idempotency-Key` (also `X-Idempotency-Key`): scoped to the user, bound to the body's hash, 24 h, replay returns the first answer and says so in a header; same key with another body 422; still running 409; a stalled first owner can't overwrite a second. One transaction takes idempotency record, reservation, order, payment intent and events, or none of them. Number `BM-2026-000001`, gapless per year not needed, unique needed. States and payment states as DESIGN.md draws them; a table says who may move what where; anything else is 409 with the allowed moves. Timeline of every move. Methods: COD, UPI, card, net banking, wallet. Customer cancels until packed; refund and stock follow by themselves. Cash on delivery: by PIN code and order value, confirmed by a code to the phone, a plain risk rule. The order exists before its payment; a payment that arrives late, twice or before the redirect ends in the right state; a reconciliation run compares provider and ledger.",
    "Provider port: create, capture, refund (whole or part), verify, webhook. Built in: a mock provider with a failure rate (10 % in training, off by default) and scripted outcomes by test card or UPI id. A declined payment can be tried again on the same order until it expires; at most one capture is kept, a surplus one refunds itself; amounts come from the order. Webhooks: signature over the raw body, constant-time, replay window, each event applied once, out-of-order safe. Ledger: captured − refunded = kept, per order, always.",
    "Workers: order, payment, email (notifications), analytics, and the sweeper (reservations, outbox, expired records). Each takes SQS events in batches, answers which messages failed, applies each message's effect once (inbox record in the same transaction), backs off with jitter, dead-letters after its limit; redrive and queue figures for admins. Events are CloudEvents with versioned JSON Schemas, written in the same transaction as the state they tell of, and listed in an AsyncAPI document: user.created/updated/deleted, product.changed, inventory.low_stock/adjusted, order.placed/confirmed/shipped/delivered/cancelled, payment.captured/failed/refunded, notification.requested. The order saga: reserve, charge, confirm, notify, count; each step has its compensation; a saga that stops is picked up within 30 s.",
    "Timeout budgets per call derived from the caller's deadline; retries with full jitter only for what is safe to \
     retry; circuit breakers whose state shows in metrics; bulkheads; cache-aside with stale-if-error and single-flight; \
     what is away takes with it only what DESIGN.md says; where the shop can't know, it says 503 with Retry-After \
     rather than lie.",
    "Graceful shutdown; readiness tells which dependency is down; recovery within 30 s of a dependency's return.",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The section whose promises are about what fails.
const RESILIENCE: &str = "Resilience";

/// A row of a table: under which heading, what is promised, and the names of its tests.
struct Row {
    section: String,
    promise: String,
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let sections = page.split("\n## ").skip(1).map(|part| part.split_once('\n').unwrap());
    let row = |section: &str, line: &str| {
        let (promise, tests) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (promise != "Promise").then(|| Row { section: section.to_owned(), promise: promise.to_owned(), tests })
    };
    sections.flat_map(|(section, part)| part.lines().filter_map(move |line| row(section, line))).collect()
}

#[test]
fn every_line_that_was_promised_is_in_the_table() {
    let table: Vec<_> = rows().into_iter().map(|row| row.promise).collect();
    assert_eq!(table.join(" "), PROMISED.join(" "));
}

#[test]
fn every_promise_has_tests_that_run_on_every_shop() {
    for Row { section, promise, tests } in rows() {
        assert!(!tests.is_empty(), "nothing holds the shop to: {promise}");
        for test in tests {
            let found = if section == RESILIENCE { holds(&test) } else { runs_on_every_shop(&test) };
            assert_eq!(found, Ok(()), "{promise} names `{test}`");
        }
    }
}

/// `tests/api/outages.rs::…` is a test of that file: what must be broken to be looked at has a shop, or a part of one, of
/// its own.
fn holds(test: &str) -> Result<(), String> {
    match test.split_once(".rs::") {
        Some((file, name)) => is_a_test_of(&format!("{file}.rs"), name),
        None => runs_on_every_shop(test),
    }
}

fn is_a_test_of(file: &str, name: &str) -> Result<(), String> {
    let source = std::fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
    let (before, _) = source.split_once(&format!("fn {name}(")).ok_or("there is no such test")?;
    let since_the_last = before.rsplit("}\n").next().unwrap_or_default();
    let is_marked = ["#[test]", "#[tokio::test"].iter().any(|mark| since_the_last.contains(mark));
    // `on_every_store![…]`, and `on_every!(here: sqlite, postgres => […])`.
    let lists = source.split("on_every").skip(1).filter_map(|rest| Some(rest.split_once(['(', '['])?.1));
    let mut listed = lists.filter_map(|list| list.split([')', ']']).next()).flat_map(|list| list.split([',', '[']));
    if is_marked || listed.any(|listed| listed.trim() == name) { Ok(()) } else { Err("it is not run".to_owned()) }
}

/// `identity::otp::three_wrong_codes_end_it` is a function of `identity/otp.rs`, and in a list of those that run on
/// every shop or engine.
fn runs_on_every_shop(test: &str) -> Result<(), String> {
    let (module, name) = test.rsplit_once("::").ok_or("no test's name")?;
    let file = root().join("tests/api").join(module.replace("::", "/")).with_extension("rs");
    let source = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    if !source.contains(&format!("async fn {name}(")) {
        return Err("there is no such test".to_owned());
    }
    let lists = ["on_every_shop!(", "on_every_engine!("].iter().flat_map(|list| source.split(list).skip(1));
    let mut names = lists.filter_map(|rest| rest.split_once(");")).flat_map(|(list, _)| list.split(','));
    if names.any(|listed| listed.trim() == name) { Ok(()) } else { Err("it is not run on every shop".to_owned()) }
}

#[test]
fn a_test_that_is_not_there_is_found_out() {
    assert!(runs_on_every_shop("promises::a_test_that_is_not_there_is_found_out").is_err());
    assert!(runs_on_every_shop("products::no_such_test").is_err());
    assert!(runs_on_every_shop("nowhere::at_all").is_err());
    assert_eq!(runs_on_every_shop("products::a_list_is_sorted_as_asked"), Ok(()));
    assert!(holds("tests/api/promises.rs::no_such_test").is_err());
    assert!(holds("tests/api/promises.rs::holds").is_err(), "a function is no test");
    assert!(holds("tests/api/nowhere.rs::at_all").is_err());
    assert_eq!(holds("tests/api/promises.rs::a_test_that_is_not_there_is_found_out"), Ok(()));
    assert_eq!(holds("tests/conformance/store/clashes.rs::a_lock_that_passes_is_waited_for"), Ok(()));
}
