//! Whole checkouts over HTTP, on each store a shop runs on: as many as it takes, at half of that in an even stream, and
//! all of one SKU; how soon the mail is written; what a long list of orders costs. What was ordered is compared with what
//! is left, piece by piece.

mod account;
mod effects;
mod flow;
mod goods;
mod loads;
mod orders;
mod rows;
mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use account::Account;
use goods::Goods;
use web::Web;

use crate::figures::Table;
use crate::settings::{self, Settings};
use crate::shop::{SEEDED, Shop};

/// Who buys at once, one thing after another, as fast as the shop lets them.
const CUSTOMERS: usize = 32;
/// Enough that somebody is free whenever an order of the even stream is due.
const ACCOUNTS: usize = 96;
/// Seconds of each load.
const SECONDS: u64 = 10;

/// Everybody who buys in a shop, and what there is to buy.
struct Market {
    web: Web,
    admin: String,
    accounts: Vec<Account>,
    goods: Goods,
}

impl Market {
    /// Passwords are hashed and addresses proved before any clock runs.
    async fn open(shop: &Shop) -> Self {
        let (web, admin) = (Web::new(shop.port), shop.admin_token().await);
        let goods = Goods::put_up(&web, &admin).await;
        let accounts = account::sign_up(&web, ACCOUNTS).await;
        Market { web, admin, accounts, goods }
    }
}

/// `bench checkout [<seconds>]`.
pub async fn measure(arguments: &[String]) -> Vec<Table> {
    let seconds = arguments.first().and_then(|seconds| seconds.parse().ok()).unwrap_or(SECONDS);
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let (sqlite, postgres) = (folder.path().join("sqlite"), folder.path().join("postgres"));
    let mut tables = rows::tables();
    let load = Duration::from_secs(seconds);
    fill(&mut tables, "SQLite (synchronous=FULL)", &settings::embedded(&sqlite), &sqlite, load).await;
    let engine = settings::postgres(&postgres).await;
    fill(&mut tables, "PostgreSQL (fsync on) and Redis", &engine, &postgres, load).await;
    tables.into()
}

async fn fill(tables: &mut [Table; 5], store: &str, engine: &Settings, folder: &Path, load: Duration) {
    let [capacity, steps, hot, mailed, lists] = tables;
    let shop = Shop::start(engine, SEEDED).await;
    let market = Arc::new(Market::open(&shop).await);

    let quiet = loads::crowd(&market, 1, load / 3).await;
    loads::crowd(&market, CUSTOMERS, load / 5).await;
    effects::idle(&market).await;

    let meter = rows::Meter::start(&shop);
    let full = loads::crowd(&market, CUSTOMERS, load).await;
    let tool = meter.tool();
    let lag = effects::idle(&market).await;
    capacity.row(rows::capacity(store, &full, &meter, tool, &lag));

    let half = loads::evenly(&market, full.rate() / 2.0, load).await;
    effects::idle(&market).await;
    steps.rows.extend(rows::steps(store, &full, &half));

    let of_one = loads::of_one_sku(&market, market.goods.hot(), Instant::now() + load / 2).await;
    let scarce = loads::of_one_sku(&market, market.goods.scarce(), Instant::now() + load).await;
    let oversold = market.goods.oversold(&market.web).await;
    hot.row(rows::hot(store, &of_one, &scarce, oversold));

    effects::idle(&market).await;
    let mails = effects::mails(folder).await;
    for (how, run) in [("one customer buys", &quiet), ("at half of its capacity", &half), ("at capacity", &full)] {
        mailed.row(rows::mailed(store, how, run, &mails));
    }
    lists.rows.extend(orders::lists(store, engine, &shop, &market.web, full.any_order()).await);
}
