//! Guests who fill their carts, all at once: each adds a line after another to a cart of his own, and begins a new one
//! when it is full.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::figures::{mb, ms, percentile};
use crate::gateway::{CONNECTIONS, SECONDS};
use crate::process;
use crate::shop::Shop;

const PATH: &str = "/api/v1/cart/items";
const TOKEN: &str = "x-cart-token";
/// Lines of a full cart.
const FULL: usize = 8;

/// A row of the local cloud's table.
pub async fn add(shop: &Shop) -> Vec<String> {
    let lines: Vec<_> = shop.products.iter().filter_map(line).collect();
    assert!(lines.len() >= FULL, "the shop has too little to sell");
    let (begun, before, own) = (Instant::now(), shop.cpu(), process::cpu(std::process::id()));
    let until = begun + Duration::from_secs(SECONDS);
    let mut guests = JoinSet::new();
    for guest in 0..CONNECTIONS as usize {
        let mut lines = lines.clone();
        let length = lines.len();
        lines.rotate_left(guest * FULL % length);
        guests.spawn(shopping(shop.connection().await, lines, until));
    }
    let (mut times, mut errors) = (Vec::new(), 0);
    while let Some(shopped) = guests.join_next().await {
        let (took, failed) = shopped.unwrap_or_else(|error| panic!("{error}"));
        times.extend(took);
        errors += failed;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (used, tool) = (shop.cpu() - before, process::cpu(std::process::id()) - own);
    times.sort_unstable();
    vec![
        "add to cart".to_owned(),
        format!("{:.0}", times.len() as f64 / seconds),
        "p50 ≤ 5 ms".to_owned(),
        ms(percentile(&times, 0.5)),
        ms(percentile(&times, 0.99)),
        errors.to_string(),
        format!("{:.3} ms", used.as_secs_f64() * 1_000.0 / times.len().max(1) as f64),
        format!("{:.0} % of one core", tool.as_secs_f64() / seconds * 100.0),
        mb(process::peak_memory(shop.pid())),
    ]
}

/// The least a customer may take of a product's first variant, as the route is asked for it.
fn line(product: &Value) -> Option<String> {
    let variant = &product["variants"][0];
    let can_be_had = variant["availability"] == "in_stock";
    let (sku, quantity) = (variant["sku"].as_str()?, variant["min_quantity"].as_u64()?);
    can_be_had.then(|| json!({ "sku": sku, "quantity": quantity }).to_string())
}

/// How long each addition took, and how many were refused.
async fn shopping(mut connection: Connection, lines: Vec<String>, until: Instant) -> (Vec<Duration>, usize) {
    let (mut times, mut errors) = (Vec::new(), 0);
    let mut cart: Option<String> = None;
    for (nth, line) in lines.iter().cycle().enumerate() {
        if Instant::now() >= until {
            break;
        }
        if nth % FULL == 0 {
            cart = None;
        }
        let headers: Vec<_> = cart.iter().map(|token| (TOKEN, token.as_str())).collect();
        let begun = Instant::now();
        let answer = connection.post(PATH, &headers, line).await;
        times.push(begun.elapsed());
        match answer {
            Ok(answer) if answer.status.is_success() => {
                let told = answer.headers.get(TOKEN).and_then(|token| token.to_str().ok());
                cart = told.map(str::to_owned).or(cart);
            }
            Ok(_) => errors += 1,
            Err(_) => {
                errors += 1;
                break;
            }
        }
    }
    (times, errors)
}
