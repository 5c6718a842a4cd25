//! What the list of orders costs somebody who has ordered ten thousand times. The orders are written into the store, each
//! a copy of one that was placed and paid over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::changes::MAX_ITEMS;
use bharatmart_core::orders::{ORDER, Order};
use bharatmart_core::ports::Store;
use bharatmart_core::record::{RecordKey, Row};
use bharatmart_core::{Changes, Expect, OrderId, Tenant, UserId};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::{App, Need};

use super::account::{self, Account};
use super::web::Web;
use crate::figures::{ms, percentile};
use crate::settings::Settings;
use crate::shop::Shop;

const PAGE: usize = 20;
/// How many orders each has; the middle one is what the long list is compared with: its page is as long.
const HAVE: [usize; 3] = [10, PAGE, 10_000];
const WARMING: usize = 200;
const MEASURED: usize = 1_000;

struct Listed {
    half: Duration,
    most: Duration,
    cpu: Duration,
}

pub async fn lists(store: &str, engine: &Settings, shop: &Shop, web: &Web, sample: &str) -> Vec<Vec<String>> {
    let accounts = account::sign_up(web, HAVE.len()).await;
    write(engine, &accounts, sample).await;
    let mut listed = Vec::new();
    for (account, have) in accounts.iter().zip(HAVE) {
        listed.push(list(shop, web, account, have.min(PAGE)).await);
    }
    let compared = listed[1].half.as_secs_f64();
    let row = |(listed, have): (&Listed, usize)| {
        let goal = if have > PAGE { "≤ 1.5" } else { "–" };
        vec![
            store.to_owned(),
            have.to_string(),
            ms(listed.half),
            ms(listed.most),
            ms(listed.cpu),
            format!("{:.2}", listed.half.as_secs_f64() / compared),
            goal.to_owned(),
        ]
    };
    listed.iter().zip(HAVE).map(row).collect()
}

async fn list(shop: &Shop, web: &Web, account: &Account, expected: usize) -> Listed {
    let path = format!("/api/v1/orders?limit={PAGE}");
    let (mut took, mut before) = (Vec::new(), Duration::ZERO);
    for nth in 0..WARMING + MEASURED {
        if nth == WARMING {
            before = shop.cpu();
        }
        let begun = Instant::now();
        let page = web.get(&account.token, &path).await.unwrap_or_else(|error| panic!("no list: {error}"));
        if nth >= WARMING {
            took.push(begun.elapsed());
        }
        assert_eq!(page["data"].as_array().map(Vec::len), Some(expected), "orders on a page");
    }
    let cpu = (shop.cpu() - before) / MEASURED as u32;
    took.sort_unstable();
    Listed { half: percentile(&took, 0.5), most: percentile(&took, 0.99), cpu }
}

/// Beside the shop, which is running.
async fn write(engine: &Settings, accounts: &[Account], sample: &str) {
    const NEEDS: &[Need] = &[Need::reads(&ORDER), Need::COMMITS];
    let config = Config::read(engine.clone()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let app = App::open(Arc::new(config), NEEDS).await.unwrap_or_else(|fault| panic!("{fault}"));
    let Some(store) = app.ports().store else { panic!("a store is open") };
    let sample = store.record(&Tenant::main(), &ORDER, &RecordKey::alone(sample)).await;
    let sample = sample.unwrap_or_else(|fault| panic!("{fault}")).map(Row::record::<Order>);
    let Some(Ok(sample)) = sample else { panic!("the order that was placed cannot be read") };
    let mut number = 1_000_000;
    for (account, have) in accounts.iter().zip(HAVE) {
        let user_id: UserId = account.id.parse().unwrap_or_else(|invalid| panic!("{invalid:?}"));
        let mut left = have;
        while left > 0 {
            let some = left.min(MAX_ITEMS);
            commit(store.as_ref(), &sample, user_id, number..number + some).await;
            number += some;
            left -= some;
        }
    }
    app.close().await;
}

async fn commit(store: &dyn Store, sample: &Order, user_id: UserId, numbers: std::ops::Range<usize>) {
    let copy = |nth| Order {
        id: OrderId::new(&System),
        version: 1,
        number: format!("BM-2026-{nth}"),
        user_id,
        ..sample.clone()
    };
    let changes =
        numbers.map(copy).fold(Changes::new(&Tenant::main()), |changes, order| changes.put(&order, Expect::New));
    store.commit(changes).await.unwrap_or_else(|error| panic!("{error}"));
}
