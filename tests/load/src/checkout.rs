//! Whole checkouts over HTTP, on each store a shop runs on: as many as it takes, at half of that in an even stream, all of
//! one SKU, how soon the mail is written, and what a long list of orders costs. What was sold is compared with what is
//! left.

mod account;
mod effects;
mod flow;
mod goods;
mod loads;
mod orders;
mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use account::Account;
use flow::STEPS;
use goods::Goods;
use loads::Run;
use web::Web;

use crate::figures::{Table, mb, ms, percentile};
use crate::settings::Settings;
use crate::shop::{SEEDED, Shop};
use crate::{process, settings};

/// Who buys, one thing after another, as fast as the shop lets them.
const CUSTOMERS: usize = 32;
/// Enough that somebody is free whenever an order of the even stream is due.
const ACCOUNTS: usize = 96;
const SKUS: usize = 200;
/// Of the order list: of the long one, and of those it is compared with.
const LISTS: [usize; 3] = [10, orders::PAGE, 10_000];

/// Everything that buys in one shop, and what it can buy.
struct Market {
    web: Web,
    accounts: Vec<Account>,
    goods: Goods,
}

/// `bench checkout [<seconds of each load>]`.
pub async fn measure(arguments: &[String]) -> Vec<Table> {
    let seconds = arguments.first().and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let mut tables = Tables::new();
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let sqlite = folder.path().join("sqlite");
    let postgres = folder.path().join("postgres");
    tables.fill("SQLite (synchronous=FULL)", &settings::embedded(&sqlite), &sqlite, seconds).await;
    tables.fill("PostgreSQL (fsync on) and Redis", &settings::postgres(&postgres).await, &postgres, seconds).await;
    tables.all()
}

struct Tables {
    capacity: Table,
    steps: Table,
    hot: Table,
    effects: Table,
    lists: Table,
}

impl Tables {
    fn new() -> Self {
        Tables {
            capacity: Table::new(
                "Whole checkouts until confirmed, 32 customers at once",
                &[
                    "store",
                    "checkouts/s",
                    "goal",
                    "p50",
                    "p99",
                    "errors",
                    "CPU a checkout (shop with its workers)",
                    "CPU share of the load tool",
                    "workers done after",
                    "memory, peak",
                ],
            ),
            steps: Table::new(
                "The steps of a checkout: at capacity, and at half of it in an even stream",
                &[
                    "store",
                    "step",
                    "p50 at capacity",
                    "p99",
                    "p50 at half of it",
                    "p99",
                    "goal of that p99",
                    "errors at half",
                ],
            ),
            hot: Table::new(
                "Orders of one SKU, 32 customers at once",
                &["store", "orders/s", "p50", "p99", "errors", "of the last 50 pieces were sold", "oversold, all SKUs"],
            ),
            effects: Table::new(
                "From an order's confirmation to its mail",
                &["store", "the shop is", "orders", "mails", "p50", "p99"],
            ),
            lists: Table::new(
                "The newest 20 of a customer's orders",
                &["store", "orders of the customer", "p50", "p99", "CPU a request (shop)", "p50 to that of 20", "goal"],
            ),
        }
    }

    fn all(self) -> Vec<Table> {
        vec![self.capacity, self.steps, self.hot, self.effects, self.lists]
    }

    async fn fill(&mut self, store: &str, engine: &Settings, folder: &Path, seconds: u64) {
        let shop = Shop::start(engine, SEEDED).await;
        let market = Arc::new(Market::open(&shop).await);
        let load = Duration::from_secs(seconds);

        let quiet = loads::crowd(&market, 1, load / 3).await;
        let warming = loads::crowd(&market, CUSTOMERS, load / 5).await;
        effects::idle(&market.web).await;

        let (before, own) = (shop.cpu(), process::cpu(std::process::id()));
        let full = loads::crowd(&market, CUSTOMERS, load).await;
        let tool = process::cpu(std::process::id()) - own;
        let lag = effects::idle(&market.web).await;
        self.capacity.row(capacity(store, &full, shop.cpu() - before, tool, lag, shop.pid()));

        let half = loads::evenly(&market, full.rate() / 2.0, load).await;
        effects::idle(&market.web).await;
        self.steps(store, &full, &half);

        self.hot(store, &market, load / 2).await;

        let mails = effects::mails(folder).await;
        for (how, run) in [("quiet", &quiet), ("at half of its capacity", &half), ("at capacity", &full)] {
            self.effects.row(effects::row(store, how, run, &mails));
        }
        self.lists(store, engine, &shop, &market, &warming).await;
    }

    fn steps(&mut self, store: &str, full: &Run, half: &Run) {
        let mut row = |step: &str, full: &[Duration], half: &[Duration], goal: &str| {
            let [at_full, at_half] = [full, half].map(|times| [0.5, 0.99].map(|share| ms(percentile(times, share))));
            let mut row = vec![store.to_owned(), step.to_owned()];
            row.extend(at_full.into_iter().chain(at_half));
            row.extend([goal.to_owned(), errors_of(&half_errors)]);
            self.steps.row(row);
        };
        for (nth, step) in STEPS.iter().enumerate() {
            let goal = if *step == flow::PLACE { "< 200 ms" } else { "–" };
            row(step, &full.step(nth), &half.step(nth), goal);
        }
        row("all of it", &full.whole(), &half.whole(), "–");
    }
}
