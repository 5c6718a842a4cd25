//! The tables of the checkout, and a row of each.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bharatmart_core::Timestamp;

use super::effects::Idle;
use super::flow::{PLACE, STEPS};
use super::goods::FEW;
use super::loads::{OfOne, Run};
use super::web::Refused;
use crate::figures::{Table, mb, ms, percentile};
use crate::process;
use crate::shop::Shop;

pub fn tables() -> [Table; 5] {
    [
        Table::new(
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
                "dead letters",
                "memory, peak",
            ],
        ),
        Table::new(
            "The steps of a checkout, at capacity and in an even stream of half as many",
            &["store", "step", "p50 at capacity", "p99", "p50 at half of it", "p99", "goal", "errors at half of it"],
        ),
        Table::new(
            "Orders of one SKU, 32 customers at once",
            &["store", "orders/s", "p50", "p99", "errors", "sold of the last 50 of another", "oversold, of all SKUs"],
        ),
        Table::new(
            "From an order's confirmation to its mail",
            &["store", "meanwhile", "orders", "mails", "p50", "p99"],
        ),
        Table::new(
            "The newest 20 orders of a customer",
            &["store", "orders there are", "p50", "p99", "CPU a request (shop)", "p50 to that of 20", "goal"],
        ),
    ]
}

/// CPU time of the shop and of this process since a moment.
pub struct Meter<'a> {
    shop: &'a Shop,
    before: Duration,
    own: Duration,
}

impl<'a> Meter<'a> {
    pub fn start(shop: &'a Shop) -> Self {
        Meter { shop, before: shop.cpu(), own: process::cpu(std::process::id()) }
    }

    pub fn tool(&self) -> Duration {
        process::cpu(std::process::id()) - self.own
    }
}

pub fn capacity(store: &str, run: &Run, meter: &Meter<'_>, tool: Duration, lag: &Idle) -> Vec<String> {
    let used = meter.shop.cpu() - meter.before;
    let [half, most] = halves(&run.times(|flow| flow.whole));
    vec![
        store.to_owned(),
        format!("{:.0}", run.rate()),
        "≥ 300".to_owned(),
        half,
        most,
        counted(&run.errors),
        format!("{:.2} ms", used.as_secs_f64() * 1_000.0 / run.flows.len().max(1) as f64),
        format!("{:.0} % of one core", tool.as_secs_f64() / run.seconds * 100.0),
        lag.after.map_or_else(|| "longer than 60 s".to_owned(), |after| format!("{:.1} s", after.as_secs_f64())),
        lag.dead_letters.to_string(),
        mb(process::peak_memory(meter.shop.pid())),
    ]
}

pub fn steps(store: &str, full: &Run, half: &Run) -> Vec<Vec<String>> {
    let row = |step: &str, goal: &str, times: [Vec<Duration>; 2], errors: String| {
        let mut row = vec![store.to_owned(), step.to_owned()];
        row.extend(times.iter().flat_map(|times| halves(times)));
        row.extend([goal.to_owned(), errors]);
        row
    };
    let mut rows: Vec<_> = (STEPS.iter().enumerate())
        .map(|(nth, step)| {
            let goal = if *step == PLACE { "p99 < 200 ms" } else { "–" };
            row(step, goal, [full, half].map(|run| run.times(|flow| flow.steps[nth])), "–".to_owned())
        })
        .collect();
    let whole = [full, half].map(|run| run.times(|flow| flow.whole));
    let rate = format!("all, {:.0}/s and {:.0}/s", full.rate(), half.rate());
    rows.push(row(&rate, "–", whole, counted(&half.errors)));
    rows
}

pub fn hot(store: &str, of_one: &OfOne, scarce: &OfOne, oversold: u64) -> Vec<String> {
    let [half, most] = halves(&of_one.took);
    vec![
        store.to_owned(),
        format!("{:.0}", of_one.took.len() as f64 / of_one.seconds),
        half,
        most,
        counted(of_one.errors.iter().chain(&scarce.errors)),
        format!("{} of {FEW}", scarce.took.len()),
        oversold.to_string(),
    ]
}

pub fn mailed(store: &str, meanwhile: &str, run: &Run, mails: &HashMap<String, Timestamp>) -> Vec<String> {
    let waited = |flow: &super::flow::Flow| Some(mails.get(&flow.number)?.since(flow.confirmed));
    let mut waited: Vec<Duration> = run.flows.iter().filter_map(waited).collect();
    waited.sort_unstable();
    let [half, most] = halves(&waited);
    let (orders, mails) = (run.flows.len().to_string(), waited.len().to_string());
    vec![store.to_owned(), meanwhile.to_owned(), orders, mails, half, most]
}

fn halves(sorted: &[Duration]) -> [String; 2] {
    [0.5, 0.99].map(|share| ms(percentile(sorted, share)))
}

/// How many, and of what kind.
fn counted<'a>(errors: impl IntoIterator<Item = &'a Refused>) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    errors.into_iter().for_each(|error| *kinds.entry(error).or_default() += 1);
    match kinds.is_empty() {
        true => "0".to_owned(),
        false => kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", "),
    }
}
