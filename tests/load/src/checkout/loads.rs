//! Ways to buy: everybody one thing after another, an even stream that waits for nobody, and all the same SKU.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::flow::{Flow, address, checkout, place};
use super::web::Refused;
use super::{CUSTOMERS, Market};

/// What came of a load.
#[derive(Default)]
pub struct Run {
    pub flows: Vec<Flow>,
    pub errors: Vec<Refused>,
    pub seconds: f64,
}

impl Run {
    fn take(&mut self, outcome: Result<Flow, Refused>) {
        match outcome {
            Ok(flow) => self.flows.push(flow),
            Err(error) => self.errors.push(error),
        }
    }

    pub fn rate(&self) -> f64 {
        self.flows.len() as f64 / self.seconds
    }

    pub fn any_order(&self) -> &str {
        match self.flows.first() {
            Some(flow) => &flow.order,
            None => panic!("no order was confirmed: {:?}", self.errors.first()),
        }
    }

    /// Sorted.
    pub fn times(&self, of: impl Fn(&Flow) -> Duration) -> Vec<Duration> {
        let mut times: Vec<_> = self.flows.iter().map(of).collect();
        times.sort_unstable();
        times
    }
}

/// So many customers, each with one checkout after another.
pub async fn crowd(market: &Arc<Market>, customers: usize, load: Duration) -> Run {
    let begun = Instant::now();
    let mut buying = JoinSet::new();
    for nth in 0..customers {
        let market = market.clone();
        buying.spawn(async move {
            let mut outcomes = Vec::new();
            while begun.elapsed() < load {
                outcomes.push(checkout(&market, &market.accounts[nth], Instant::now()).await);
            }
            outcomes
        });
    }
    let mut run = Run::default();
    buying.join_all().await.into_iter().flatten().for_each(|outcome| run.take(outcome));
    run.seconds = begun.elapsed().as_secs_f64();
    run
}

/// So many checkouts begin each second, whatever became of those before. A slow one is measured from when it was due.
pub async fn evenly(market: &Arc<Market>, rate: f64, load: Duration) -> Run {
    let free: Arc<Mutex<Vec<usize>>> = Arc::new(Mutex::new((0..market.accounts.len()).collect()));
    let take = |free: &Mutex<Vec<usize>>| free.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let (mut buying, mut run, begun) = (JoinSet::new(), Run::default(), Instant::now());
    let mut due = tokio::time::interval(Duration::from_secs_f64(1.0 / rate.max(1.0)));
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while begun.elapsed() < load {
        let due = due.tick().await.into_std();
        let Some(nth) = take(&free) else {
            run.errors.push("nobody was free to buy".to_owned());
            continue;
        };
        let (market, free) = (market.clone(), free.clone());
        buying.spawn(async move {
            let outcome = checkout(&market, &market.accounts[nth], due).await;
            free.lock().unwrap_or_else(PoisonError::into_inner).push(nth);
            outcome
        });
    }
    buying.join_all().await.into_iter().for_each(|outcome| run.take(outcome));
    run.seconds = begun.elapsed().as_secs_f64();
    run
}

/// Orders of one SKU, a piece each.
#[derive(Default)]
pub struct OfOne {
    /// Sorted.
    pub took: Vec<Duration>,
    pub errors: Vec<Refused>,
    pub seconds: f64,
}

/// Each customer places one after another, until there is none left or the time is over.
pub async fn of_one_sku(market: &Arc<Market>, sku: &str, until: Instant) -> OfOne {
    let begun = Instant::now();
    let body = json!({ "lines": [{ "sku": sku, "quantity": 1 }], "address": address(), "payment_method": "upi" });
    let mut buying = JoinSet::new();
    for nth in 0..CUSTOMERS {
        let (market, body) = (market.clone(), body.clone());
        buying.spawn(async move {
            let mut of_one = OfOne::default();
            while Instant::now() < until {
                let asked = Instant::now();
                match place(&market, &market.accounts[nth], &body).await {
                    Ok(_) => of_one.took.push(asked.elapsed()),
                    Err(code) if code == "insufficient_stock" => break,
                    Err(code) => of_one.errors.push(code),
                }
            }
            of_one
        });
    }
    let mut all = OfOne::default();
    for of_one in buying.join_all().await {
        all.took.extend(of_one.took);
        all.errors.extend(of_one.errors);
    }
    all.took.sort_unstable();
    all.seconds = begun.elapsed().as_secs_f64();
    all
}
