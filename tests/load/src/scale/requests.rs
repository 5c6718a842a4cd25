//! The same questions as requests to the local cloud, over HTTP, by one shopper.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::questions;
use super::{Chosen, KINDS, WARMING, figures_of};
use crate::client::Connection;
use crate::shop::{SEEDED, Shop};
use crate::{process, settings};

/// Of a shop that finds the index of so many products where it was built.
pub async fn measure(products: u64, folder: &Path, chosen: &Chosen) -> Value {
    let shop = Shop::start(&settings::embedded(folder), products + SEEDED).await;
    let mut connection = shop.connection().await;
    let mut told = json!({});
    for (kind, nths) in KINDS.iter().filter_map(|(kind, _)| Some((*kind, chosen.get(*kind)?))) {
        let (mut times, mut cpu) = (Vec::new(), Duration::ZERO);
        for (at, nth) in (0..).zip(nths) {
            if at == WARMING {
                cpu = shop.cpu();
            }
            let path = questions::path(kind, *nth);
            let begun = Instant::now();
            one(&mut connection, &path).await;
            if at >= WARMING {
                times.push(begun.elapsed());
            }
        }
        told[kind] = figures_of(times, shop.cpu() - cpu);
    }
    told["memory"] = json!(process::own_memory(shop.pid()));
    told
}

async fn one(connection: &mut Connection, path: &str) {
    let answer = connection.get(path).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
}
