//! The figures of the last days.

use bharatmart_core::figures::{DAY, Day, SummaryView, day_of};
use bharatmart_core::record::Listing;
use bharatmart_core::time::IST;
use bharatmart_core::{Invalid, Permission, Timestamp};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "analytics-summary",
    service: "analytics",
    method: Method::GET,
    path: "/api/v1/admin/analytics/summary",
    summary: "Read the shop's figures",
    access: Access::may(Permission::ReadAnalytics),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&DAY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(summary(ctx)),
};

const MOST_DAYS: i64 = 92;
const DAY_MS: i64 = 24 * 3_600_000;

pub fn spec() -> Spec {
    let date = r#"{"type":"string","format":"date"}"#;
    Spec::new("Orders, payments and refunds by day in India, from the first to the last, at most 92 days. Without dates: the last 7.")
        .query("from", date, "The first day.")
        .query("to", date, "The last day; today when absent.")
        .answer::<SummaryView>(200, "The figures.")
}

async fn summary(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let to = query.take("to", day);
    let from = query.take("from", day);
    query.finish()?;
    let to = to.unwrap_or_else(|| beginning(&day_of(ctx.clock().now())));
    let from = from.unwrap_or_else(|| Timestamp::from_millis(to.millis() - 6 * DAY_MS));
    let days = (to.millis() - from.millis()) / DAY_MS + 1;
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::field("from", "out_of_range", format!("must be at most {MOST_DAYS} days before to")));
    }
    let (first, last) = (day_of(from), day_of(to));
    // Days are named so that they sort; what follows the last is no day.
    let before = format!("{last}~");
    let newest: Vec<Day> = ctx.list(Listing::All, Some(&before), days as usize).await?;
    let listed: Vec<Day> = newest.into_iter().filter(|day| day.day >= first).collect();
    Reply::ok(&SummaryView::of(&first, &last, &listed))
}

/// `2026-11-20`, as it began in India.
fn day(text: &str) -> Result<Timestamp, Invalid> {
    let at = Timestamp::parse(&format!("{text}T00:00:00Z"));
    let at = at.map_err(|_| Invalid::new("invalid_date", "must be a day like 2026-11-20"))?;
    Ok(at.before(IST))
}

fn beginning(day_name: &str) -> Timestamp {
    day(day_name).unwrap_or(Timestamp::from_millis(0))
}
