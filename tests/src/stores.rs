//! A store for each test, on each engine: empty, and nobody else's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_config::SdkConfig;
use bharatmart_adapters::dynamodb::{DynamoStore, create_table};
use bharatmart_adapters::memory::MemoryStore;
use bharatmart_adapters::postgres::PostgresStore;
use bharatmart_adapters::sqlite::SqliteStore;
use bharatmart_core::ports::Store;
use tempfile::TempDir;

use crate::servers::{aws, postgres_database, unique_name};

/// A test's own store, and where its rows lie.
pub struct StoreWorld {
    pub store: Arc<dyn Store>,
    pub place: Place,
}

/// For a test that must get at the rows from beside the shop, or open them again.
#[allow(clippy::large_enum_variant, reason = "a test has one of them")]
pub enum Place {
    Memory,
    Sqlite { folder: TempDir, file: PathBuf },
    Postgres { url: String },
    Dynamo { config: SdkConfig, table: String },
}

impl StoreWorld {
    /// As another process of the shop would: with connections of its own.
    pub async fn open_again(&self) -> Arc<dyn Store> {
        match &self.place {
            Place::Memory => self.store.clone(),
            Place::Sqlite { file, .. } => Arc::new(sqlite_at(file)),
            Place::Postgres { url } => Arc::new(postgres_at(url).await),
            Place::Dynamo { config, table } => Arc::new(DynamoStore::new(config, table.as_str())),
        }
    }
}

pub async fn memory() -> StoreWorld {
    StoreWorld { store: Arc::new(MemoryStore::new()), place: Place::Memory }
}

pub async fn sqlite() -> StoreWorld {
    let folder = temporary_folder();
    let file = folder.path().join("shop.db");
    StoreWorld { store: Arc::new(sqlite_at(&file)), place: Place::Sqlite { folder, file } }
}

pub async fn postgres() -> StoreWorld {
    let url = postgres_database().await;
    StoreWorld { store: Arc::new(postgres_at(&url).await), place: Place::Postgres { url } }
}

/// As behind a pooler that hands each transaction to whichever connection is free.
pub async fn pooled() -> StoreWorld {
    let url = format!("{}?pgbouncer=true", postgres_database().await);
    StoreWorld { store: Arc::new(postgres_at(&url).await), place: Place::Postgres { url } }
}

pub async fn dynamodb() -> StoreWorld {
    let (config, table) = (aws().await, unique_name());
    create_table(&config, &table).await.expect("the emulator makes a table");
    let store = Arc::new(DynamoStore::new(&config, table.as_str()));
    StoreWorld { store, place: Place::Dynamo { config, table } }
}

fn sqlite_at(file: &Path) -> SqliteStore {
    SqliteStore::open(file).expect("a file can be made there")
}

async fn postgres_at(url: &str) -> PostgresStore {
    PostgresStore::connect(url, 8).await.expect("the server takes us in")
}

/// In memory where the system has such a place: tests ask whether a commit waits for the disk, not how long.
pub fn temporary_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}
