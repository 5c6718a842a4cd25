//! A shop for one test alone, with settings of its own, on each engine.

use std::sync::atomic::{AtomicU8, Ordering};

use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::LogTo;
use tempfile::TempDir;

use crate::client::Client;
use crate::world::{ADMIN_EMAIL, ADMIN_PASSWORD, aws_settings, create_admin, login, pairs, postgres_settings};

pub type Settings = Vec<(String, String)>;

pub struct Alone {
    pub client: Client,
    pub cloud: LocalCloud,
    _folder: TempDir,
}

/// Where each engine's own place is.
pub mod engines {
    use super::{AtomicU8, Ordering, Settings, aws_settings, postgres_settings};

    pub async fn sqlite() -> Settings {
        Vec::new()
    }

    /// Each on a Redis database of its own, after those of the other suites; a server has sixteen.
    pub async fn postgres() -> Settings {
        static NEXT: AtomicU8 = AtomicU8::new(4);
        let database = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(database < 16, "more shops than Redis has databases");
        postgres_settings(database).await
    }

    pub async fn dynamodb() -> Settings {
        aws_settings().await
    }
}

/// Without stock, unless `more` says otherwise; with its first admin.
pub async fn open(engine: Settings, more: &[(&str, &str)]) -> Alone {
    let folder = bharatmart_tests::stores::temporary_folder();
    let mut settings = engine;
    settings.extend(pairs(&[
        ("APP_ENV", "test"),
        ("DATA_DIR", folder.path().to_str().unwrap()),
        ("LISTEN", "127.0.0.1:0"),
        ("LOG_LEVEL", "error"),
        ("SEARCH_REFRESH_MS", "100"),
        ("SEED", "false"),
        ("ADMIN_EMAIL", ADMIN_EMAIL),
        ("SECRET_ADMIN_PASSWORD", ADMIN_PASSWORD),
    ]));
    settings.extend(pairs(more));
    let cloud = LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap();
    create_admin(&cloud).await;
    Alone { client: Client::new(&cloud.url()), cloud, _folder: folder }
}

impl Alone {
    pub async fn admin(&self) -> String {
        login(&self.client, ADMIN_EMAIL, ADMIN_PASSWORD).await
    }
}
