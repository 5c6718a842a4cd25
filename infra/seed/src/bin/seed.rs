//! Puts the first stock into the store that the settings name; adds only what is missing.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::Tenant;
use bharatmart_core::queues;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::{App, Need, outbox};

const NEEDS: &[Need] = &[
    Need::READS_CATALOG,
    Need::COMMITS,
    Need::READS_OUTBOX,
    Need::PROBES_BLOBS,
    Need::sends(&queues::SEARCH),
    Need::sends(&queues::STOCK),
];

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command tells a person what it did")]
async fn main() -> ExitCode {
    match seed().await {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("the shop was not seeded: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn seed() -> Result<String, Box<dyn std::error::Error>> {
    let app = Arc::new(App::open(Arc::new(Config::from_env()?), NEEDS).await?);
    let ports = app.ports();
    let (Some(store), Some(blobs)) = (ports.store, ports.blobs) else { return Err("no store or blobs".into()) };
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    let seeded = bharatmart_seed::seed(store.as_ref(), blobs.as_ref(), &Tenant::main(), clock, ids).await?;
    let sent = outbox::sweep(&app, Duration::ZERO).await?;
    Ok(format!(
        "Added {} categories, {} products, {} pictures, {} banners and {} coupons; sent {sent} events.",
        seeded.categories, seeded.products, seeded.pictures, seeded.banners, seeded.coupons
    ))
}
