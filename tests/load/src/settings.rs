//! Environments to measure in, each filled with the first stock.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::dynamodb::create_table;
use bharatmart_adapters::sqs::create_queues;
use bharatmart_core::{Tenant, queues};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::{App, Need, outbox};
use bharatmart_tests::{cloud, servers};

use crate::admin;

pub type Settings = Vec<(String, String)>;

pub fn pairs(settings: &[(&str, &str)]) -> Settings {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What a function is deployed with, on the emulator.
pub async fn aws(folder: &Path) -> Settings {
    let (endpoint, sdk, name) = (servers::aws_endpoint().await, servers::aws().await, servers::unique_name());
    create_table(&sdk, &name).await.unwrap_or_else(|fault| panic!("{fault}"));
    let urls = create_queues(&sdk, &format!("{name}-"), queues::ALL).await.unwrap_or_else(|fault| panic!("{fault}"));
    let bucket = cloud::bucket(&sdk).await;
    let mut settings = embedded(folder);
    settings.extend(pairs(&[
        ("DATABASE_TYPE", "dynamodb"),
        ("DYNAMODB_TABLE", &name),
        ("WORKER_MODE", "sqs"),
        ("QUEUE_URL_PREFIX", urls.prefix()),
        ("BLOBS_TYPE", "s3"),
        ("BLOBS_BUCKET", &bucket),
        ("AWS_REGION", "ap-south-1"),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]));
    settings
}

/// PostgreSQL and Redis that keep what they are told, as in earnest.
pub async fn postgres(folder: &Path) -> Settings {
    let url = servers::durable_postgres_database().await;
    let (client, connection) =
        tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap_or_else(|e| panic!("{e}"));
    let connection = tokio::spawn(connection);
    for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        let row = client.query_one(&format!("SHOW {setting}"), &[]).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(row.get::<_, &str>(0), "on", "{setting}");
    }
    drop(client);
    let _ended = connection.await;
    let redis = format!("{}/4", servers::durable_redis_url().await);
    let mut settings = embedded(folder);
    settings.extend(pairs(&[
        ("DATABASE_TYPE", "postgresql"),
        ("DATABASE_URL", &url),
        ("WORKER_MODE", "redis"),
        ("CACHE_TYPE", "redis"),
        ("REDIS_URL", &redis),
    ]));
    settings
}

pub fn embedded(folder: &Path) -> Settings {
    pairs(&[
        ("APP_ENV", "test"),
        ("DATA_DIR", &folder.display().to_string()),
        ("ADMIN_EMAIL", admin::EMAIL),
        ("SECRET_ADMIN_PASSWORD", admin::PASSWORD),
        // The load comes from one caller on this machine.
        ("LIMITS_EXEMPT_LOOPBACK", "true"),
    ])
}

/// Answers the id of one product.
pub async fn seed(settings: &Settings) -> String {
    const NEEDS: &[Need] = &[Need::READS_CATALOG, Need::COMMITS, Need::PROBES_BLOBS, Need::sends(&queues::SEARCH)];
    let config = Config::read(settings.clone()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let app = Arc::new(App::open(Arc::new(config), NEEDS).await.unwrap_or_else(|fault| panic!("{fault}")));
    let ports = app.ports();
    let (Some(store), Some(blobs)) = (ports.store, ports.blobs) else { panic!("store and blobs are open") };
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    bharatmart_seed::seed(store.as_ref(), blobs.as_ref(), &Tenant::main(), clock, ids)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    outbox::sweep(&app, Duration::ZERO).await.unwrap_or_else(|fault| panic!("{fault}"));
    let newest = store.newest_products(&Tenant::main(), None, None, 1).await.unwrap_or_else(|fault| panic!("{fault}"));
    newest.first().map(ToString::to_string).unwrap_or_default()
}
