//! The store on DynamoDB: one table, laid out by access pattern (docs/access-patterns.md). Keys and shape are said here
//! once; conditions and updates stand with the reads and writes that need them. It decides nothing.

mod claims;
mod commit;
mod counters;
mod item;
mod keys;
mod outbox;
mod query;
mod reads;
mod records;
mod shape;
mod transaction;
mod update;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use bharatmart_core::Tenant;
use bharatmart_core::ports::{Fault, Probe};

use crate::aws::{Failed, call};
use crate::dependency::{Dependency, Depends};
use keys::Key;

pub use shape::{IndexShape, TableShape, create_table, table_shape};

const PORT: &str = "store";

pub struct DynamoStore {
    client: Client,
    table: String,
    dependency: Arc<Dependency>,
    /// Tenants this process knows to be in the register.
    registered: Mutex<HashSet<Tenant>>,
}

impl DynamoStore {
    /// Nobody is called before the first read or write.
    pub fn new(config: &SdkConfig, table: impl Into<String>) -> Self {
        DynamoStore {
            client: Client::new(config),
            table: table.into(),
            dependency: Arc::new(Dependency::new("dynamodb", PORT)),
            registered: Mutex::default(),
        }
    }

    /// Sees every write that was answered before the call.
    async fn get(&self, key: Key) -> Result<Option<item::Item>, Fault> {
        let key = key.item();
        let get = || {
            let get = self.client.get_item().table_name(&self.table).set_key(Some(key.clone()));
            get.consistent_read(true).send()
        };
        call(&self.dependency, get).await.map(|got| got.item).map_err(fault)
    }
}

impl Depends for DynamoStore {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}

fn fault<E: ProvideErrorMetadata>(failed: Failed<E>) -> Fault {
    failed.into_fault(PORT)
}

fn broken(cause: impl std::fmt::Display) -> Fault {
    Fault::broken(PORT, cause)
}

#[async_trait]
impl Probe for DynamoStore {
    async fn probe(&self) -> Result<(), Fault> {
        self.get(keys::probe()).await.map(|_| ())
    }
}
