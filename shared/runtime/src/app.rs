//! The open ports of a process: for a Lambda function those it needs, for the local cloud those of all functions.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bharatmart_adapters::budget;
use bharatmart_adapters::dependency::{Dependency, DependencyState};
use bharatmart_adapters::system::System;
use bharatmart_adapters::vault::AesVault;
use bharatmart_core::orders::Numbers;
use bharatmart_core::ports::{
    Blobs, Cache, Clock, Fault, Ids, Messages, PaymentProvider, Queueing, Random, Search, SearchIndex, Secret, Secrets,
    Store, Vault,
};
use bharatmart_core::{CursorKey, Tenant};
use futures_util::FutureExt;

use crate::auth::{Checked, Issuers, TokenKeys};
use crate::categories::Categories;
use crate::chaos::{self, Faults};
use crate::config::{CURSOR_KEY, Config, DEFAULT_SECRETS, SEALING_KEY, WorkerMode};
use crate::flags::Flags;
use crate::limits::Counting;
use crate::need::{Grant, Need};
use crate::open::{Open, Opening};
use crate::outbox::Publisher;
use crate::passwords::Passwords;
use crate::ports::OpenPorts;
use crate::used_up::UsedUp;

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
    pub(crate) messages: Option<Arc<dyn Messages>>,
    pub(crate) provider: Option<Arc<dyn PaymentProvider>>,
    pub(crate) numbers: Numbers,
    /// `None` when none are injected.
    pub(crate) faults: Option<Faults>,
    dependencies: Vec<Arc<Dependency>>,
    pub(crate) publisher: Publisher,
    pub(crate) categories: Categories,
    pub(crate) flags: Flags,
    pub(crate) counting: Counting,
    pub(crate) used_up: UsedUp,
    pub(crate) token_keys: TokenKeys,
    pub(crate) checked: Checked,
    pub(crate) issuers: Issuers,
    pub(crate) passwords: Passwords,
    /// Names this process among others: the owner of a lease.
    pub owner: String,
}

/// How a dependency is.
pub struct Probed {
    pub name: &'static str,
    pub took: Duration,
    pub error: Option<String>,
}

async fn probed(name: &'static str, probe: impl Future<Output = Result<(), Fault>>) -> Probed {
    const LIMIT: Duration = Duration::from_secs(1);
    let begun = Instant::now();
    let error = match tokio::time::timeout(LIMIT, budget::within(LIMIT, probe)).await {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault.to_string()),
        Err(_) => Some(format!("no answer within {} ms", LIMIT.as_millis())),
    };
    Probed { name, took: begun.elapsed(), error }
}

impl App {
    pub async fn open(config: Arc<Config>, needs: &[Need]) -> Result<Self, Fault> {
        let clock: Arc<dyn Clock> = Arc::new(System);
        let faults = chaos::open(&config, &clock);
        let chaos = faults.as_ref().map(|faults| faults.chaos.clone());
        let clock = chaos.as_ref().map_or_else(|| clock.clone(), |chaos| chaos.clock(clock.clone()));
        let opening = Opening::new(config.clone(), chaos);
        let mut ports = OpenPorts::new(clock, Arc::new(System), Arc::new(System));
        for need in needs {
            match need.open {
                Open::Store(open) if ports.store.is_none() => ports.store = Some(open(&opening).await?),
                Open::Queue(open) if ports.queue.is_none() => ports.queue = open(&opening).await?,
                Open::Cache(open) if ports.cache.is_none() => ports.cache = Some(open(&opening).await?),
                Open::Limits(open) if ports.cache.is_none() && config.limits.mode.counts_ordinary() => {
                    ports.cache = Some(open(&opening).await?);
                }
                Open::Secrets(open) if ports.secrets.is_none() => ports.secrets = Some(open(&opening).await?),
                Open::Blobs(open) if ports.blobs.is_none() => ports.blobs = Some(open(&opening).await?),
                Open::Search(open) if ports.search.is_none() => ports.search = Some(open(&opening).await?),
                Open::Index(open) if ports.index.is_none() => ports.index = Some(open(&opening).await?),
                Open::Messages(open) if ports.messages.is_none() => ports.messages = Some(open(&opening).await?),
                _ => {}
            }
        }
        for need in needs {
            if let (Open::Provider(open), Some(store)) = (need.open, &ports.store) {
                ports.provider = open(&opening, store.clone(), ports.queue.clone());
            }
        }
        let dependencies = opening.dependencies();
        Ok(App { faults, dependencies, ..App::from_ports(config, ports) })
    }

    /// With ports that are open already, decorated or not: a simulation's, say. What the settings say of engines and
    /// faults does not matter then.
    pub fn from_ports(config: Arc<Config>, ports: OpenPorts) -> Self {
        let owner = ports.ids.uuid().simple().to_string();
        let OpenPorts { clock, ids, random, store, queue, cache, secrets, blobs, search, index, messages, provider } =
            ports;
        App {
            config,
            clock,
            ids,
            random,
            store,
            queue,
            cache,
            secrets,
            blobs,
            search,
            index,
            messages,
            provider,
            numbers: Numbers::default(),
            faults: None,
            dependencies: Vec::new(),
            publisher: Publisher::inline(),
            categories: Categories::default(),
            flags: Flags::default(),
            counting: Counting::default(),
            used_up: UsedUp::default(),
            token_keys: TokenKeys::default(),
            checked: Checked::default(),
            issuers: Issuers::default(),
            passwords: Passwords::on_this_machine(),
            owner,
        }
    }

    /// How each dependency of this process stands that is reached over a network.
    pub fn dependencies(&self) -> Vec<DependencyState> {
        let of_issuers = self.issuers.dependencies();
        self.dependencies.iter().chain(&of_issuers).map(|dependency| dependency.state()).collect()
    }

    /// The first call to a dependency is the dear one (name, connection, TLS): made in init, where it is free.
    pub async fn warm(&self, needs: &[Need]) {
        let work = async {
            for need in needs {
                match need.grant {
                    // Every page of the catalogue shows categories, so the warming call brings them.
                    Grant::ReadsCatalog => {
                        self.categories.all(self.store()?, &Tenant::main(), self.clock.now()).await?;
                    }
                    Grant::ProbesStore => self.store()?.probe().await?,
                    Grant::Finds => {
                        if let Some(search) = &self.search {
                            search.snapshot().await?;
                        }
                    }
                    grant => {
                        if let Some(name) = grant.secret() {
                            self.secret(name).await?;
                        }
                    }
                }
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

    /// Asks each open dependency how it is, all at once.
    pub async fn probe(&self) -> Vec<Probed> {
        let store = self.store.as_ref().map(|port| probed("store", port.probe()));
        let queue = self.queue.as_ref().map(|port| probed("queue", port.probe()));
        let cache = self.cache.as_ref().map(|port| probed("cache", port.probe()));
        let blobs = self.blobs.as_ref().map(|port| probed("blobs", port.probe()));
        let search = self.search.as_ref().map(|port| {
            probed("search", async {
                let snapshot = port.snapshot().await?;
                snapshot.map(|_| ()).ok_or_else(|| Fault::away("search", "no snapshot was published yet"))
            })
        });
        let all = [store, queue, cache, blobs].into_iter().flatten().map(FutureExt::boxed);
        futures_util::future::join_all(all.chain(search.map(FutureExt::boxed))).await
    }

    /// A secret by name. On a developer's machine a default stands in for one that is not set.
    pub async fn secret(&self, name: &str) -> Result<Secret, Fault> {
        let secrets = self.secrets.as_ref().ok_or_else(|| Fault::broken("secrets", "not declared as a need"))?;
        let default = DEFAULT_SECRETS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let private = self.config.app_env.is_private();
        match (secrets.secret(name).await?, default) {
            (Some(secret), Some(default)) if !private && secret.reveal() == default => {
                Err(Fault::broken("secrets", format!("the secret {name} is the development default")))
            }
            (Some(secret), _) => Ok(secret),
            (None, Some(default)) if private => Ok(Secret::new(default)),
            (None, _) => Err(Fault::broken("secrets", format!("there is no secret {name}"))),
        }
    }

    /// As it is now: the port remembers the secret, and shows when it was rotated.
    pub(crate) async fn vault(&self) -> Result<Box<dyn Vault>, Fault> {
        let keys = self.secret(SEALING_KEY).await?;
        Ok(Box::new(AesVault::new(&keys).map_err(|error| Fault::broken("vault", error))?))
    }

    /// Asked for each time: the port remembers it, and shows when it was rotated.
    pub async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        Ok(CursorKey::new(self.secret(CURSOR_KEY).await?.reveal().as_bytes()))
    }
}
