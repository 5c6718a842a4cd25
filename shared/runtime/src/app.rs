//! The open ports of a process: for a Lambda function those it needs, for the local cloud those of all functions.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::system::System;
use bharatmart_core::CursorKey;
use bharatmart_core::ports::{
    Blobs, Cache, Clock, Fault, Ids, Queueing, Random, Search, SearchIndex, Secret, Secrets, Store,
};
use tokio::sync::OnceCell;

use crate::config::{Config, CURSOR_KEY, DEFAULT_SECRETS, WorkerMode};
use crate::need::Need;
use crate::open::{Open, Opening};
use crate::outbox::Publisher;

pub struct App {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) queue: Option<Arc<dyn Queueing>>,
    pub(crate) cache: Option<Arc<dyn Cache>>,
    pub(crate) secrets: Option<Arc<dyn Secrets>>,
    pub(crate) blobs: Option<Arc<dyn Blobs>>,
    pub(crate) search: Option<Arc<dyn Search>>,
    pub(crate) index: Option<Arc<dyn SearchIndex>>,
    pub(crate) publisher: Publisher,
    cursor_key: OnceCell<CursorKey>,
    /// Names this process among others: the owner of a lease.
    pub owner: String,
}

impl App {
    pub async fn open(config: Arc<Config>, needs: &[Need]) -> Result<Self, Fault> {
        let opening = Opening::new(config.clone());
        let mut app = App {
            clock: Arc::new(System),
            ids: Arc::new(System),
            random: Arc::new(System),
            store: None,
            queue: None,
            cache: None,
            secrets: None,
            blobs: None,
            search: None,
            index: None,
            publisher: Publisher::inline(),
            cursor_key: OnceCell::new(),
            owner: System.uuid().simple().to_string(),
            config,
        };
        for need in needs {
            match need.open {
                Open::Store(open) if app.store.is_none() => app.store = Some(open(&opening).await?),
                Open::Queue(open) if app.queue.is_none() => app.queue = open(&opening).await?,
                Open::Cache(open) if app.cache.is_none() => app.cache = Some(open(&opening).await?),
                Open::Secrets(open) if app.secrets.is_none() => app.secrets = Some(open(&opening).await?),
                Open::Blobs(open) if app.blobs.is_none() => app.blobs = Some(open(&opening).await?),
                Open::Search(open) if app.search.is_none() => app.search = Some(open(&opening).await?),
                Open::Index(open) if app.index.is_none() => app.index = Some(open(&opening).await?),
                _ => {}
            }
        }
        Ok(app)
    }

    /// The first call to a dependency is the dear one (name, connection, TLS): made in init, where it is free.
    pub async fn warm(&self) {
        let work = async {
            if let Some(store) = &self.store {
                store.probe().await?;
            }
            if let Some(search) = &self.search {
                search.snapshot().await?;
            }
            if self.secrets.is_some() {
                self.cursor_key().await?;
            }
            Ok::<(), Fault>(())
        };
        let limit = Duration::from_secs(2);
        match tokio::time::timeout(limit, budget::within(limit, work)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::warn!(error = %fault, "a dependency did not answer while warming up"),
            Err(_) => tracing::warn!("warming up took longer than 2 s"),
        }
    }

    /// Sends what is still waiting to be sent.
    pub async fn close(&self) {
        self.publisher.drain().await;
    }

    pub fn sends_events(&self) -> bool {
        !matches!(self.config.workers, WorkerMode::None)
    }

    /// A secret by name. On a developer's machine a default stands in for one that is not set.
    pub async fn secret(&self, name: &str) -> Result<Secret, Fault> {
        let secrets = self.secrets.as_ref().ok_or_else(|| Fault::broken("secrets", "not declared as a need"))?;
        if let Some(secret) = secrets.secret(name).await? {
            return Ok(secret);
        }
        let default = DEFAULT_SECRETS.iter().find(|(known, _)| *known == name);
        match default {
            Some((_, value)) if self.config.app_env.is_private() => Ok(Secret::new(*value)),
            _ => Err(Fault::broken("secrets", format!("there is no secret {name}"))),
        }
    }

    pub async fn cursor_key(&self) -> Result<&CursorKey, Fault> {
        self.cursor_key
            .get_or_try_init(|| async { Ok(CursorKey::new(self.secret(CURSOR_KEY).await?.reveal().as_bytes())) })
            .await
    }
}
