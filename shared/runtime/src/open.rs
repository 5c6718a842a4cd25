//! Opens the engine that the configuration names for a port. Each opener is reached only through a `Need`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bharatmart_adapters as adapters;
use bharatmart_adapters::dependency::Dependency;
#[cfg(any(feature = "postgres", feature = "redis", feature = "smtp", feature = "_aws"))]
use bharatmart_adapters::dependency::Depends;
use bharatmart_adapters::system::System;
use bharatmart_chaos::Chaos;
use bharatmart_core::ports::{
    Blobs, Cache, Fault, Messages, PaymentProvider, Queueing, Search, SearchIndex, Secrets, Store,
};
use futures_util::future::BoxFuture;

#[cfg(feature = "smtp")]
use crate::config::SMTP_URL;
use crate::config::{BlobsKind, CacheKind, Config, Database, MailKind, Provider, SecretsKind, SmsKind, WorkerMode};
use crate::outbox::Telling;

pub(crate) type Opener<T> = for<'a> fn(&'a Opening) -> BoxFuture<'a, Result<T, Fault>>;

/// The store and queue are those the function opened for itself.
pub(crate) type ProviderOpener =
    fn(&Opening, Arc<dyn Store>, Option<Arc<dyn Queueing>>) -> Option<Arc<dyn PaymentProvider>>;

#[derive(Clone, Copy)]
pub(crate) enum Open {
    Store(Opener<Arc<dyn Store>>),
    Queue(Opener<Option<Arc<dyn Queueing>>>),
    Cache(Opener<Arc<dyn Cache>>),
    /// The cache, where ordinary requests are counted here.
    Limits(Opener<Arc<dyn Cache>>),
    Secrets(Opener<Arc<dyn Secrets>>),
    Blobs(Opener<Arc<dyn Blobs>>),
    Messages(Opener<Arc<dyn Messages>>),
    Provider(ProviderOpener),
    #[cfg_attr(not(feature = "search"), allow(dead_code, reason = "named by Need::FINDS alone"))]
    Search(Opener<Arc<dyn Search>>),
    #[cfg_attr(not(feature = "search"), allow(dead_code, reason = "named by Need::INDEXES alone"))]
    Index(Opener<Arc<dyn SearchIndex>>),
}

/// What openers share while an app opens.
pub(crate) struct Opening {
    config: Arc<Config>,
    /// Faults for what is opened, where there are any.
    chaos: Option<Chaos>,
    #[cfg(feature = "_aws")]
    sdk: OnceLock<adapters::aws::SdkConfig>,
    secrets: OnceLock<Arc<dyn Secrets>>,
    blobs: OnceLock<Arc<dyn Blobs>>,
    /// Of the adapters opened so far.
    dependencies: Mutex<Vec<Arc<Dependency>>>,
}

impl Opening {
    pub fn new(config: Arc<Config>, chaos: Option<Chaos>) -> Self {
        Opening {
            config,
            chaos,
            #[cfg(feature = "_aws")]
            sdk: OnceLock::new(),
            secrets: OnceLock::new(),
            blobs: OnceLock::new(),
            dependencies: Mutex::default(),
        }
    }

    pub fn dependencies(self) -> Vec<Arc<Dependency>> {
        self.dependencies.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// An adapter of something that is reached over a network.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "smtp", feature = "_aws"))]
    fn depending<T: Depends>(&self, adapter: T) -> Arc<T> {
        let mut dependencies = self.dependencies.lock().unwrap_or_else(PoisonError::into_inner);
        dependencies.push(adapter.dependency().clone());
        Arc::new(adapter)
    }

    /// Each opener hands in its own port's decorator, so that a binary links no other.
    fn faulty<Port: ?Sized>(&self, port: Arc<Port>, decorate: fn(&Chaos, Arc<Port>) -> Arc<Port>) -> Arc<Port> {
        self.chaos.as_ref().map_or_else(|| port.clone(), |chaos| decorate(chaos, port.clone()))
    }

    #[cfg(feature = "_aws")]
    fn sdk(&self) -> &adapters::aws::SdkConfig {
        let aws = &self.config.aws;
        self.sdk.get_or_init(|| {
            let keys = aws.keys.as_ref().map(|keys| adapters::aws::AwsKeys {
                id: keys.id.clone(),
                secret: keys.secret.clone(),
                session_token: keys.session_token.clone(),
            });
            adapters::aws::aws_config(adapters::aws::AwsSettings {
                region: aws.region.clone().unwrap_or_default(),
                endpoint: aws.endpoint.clone(),
                keys,
            })
        })
    }
}

/// The configuration names only what is built in (`Config::read` sees to it).
fn not_built_in<T>(port: &'static str) -> Result<T, Fault> {
    Err(Fault::broken(port, "the engine is not built in"))
}

pub(crate) fn store(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Store>, Fault>> {
    Box::pin(async move {
        let store: Arc<dyn Store> = match &opening.config.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite => {
                Arc::new(adapters::sqlite::SqliteStore::open(&opening.config.data_dir.join("shop.sqlite"))?)
            }
            #[cfg(feature = "postgres")]
            Database::Postgres { url, connections } => {
                opening.depending(adapters::postgres::PostgresStore::connect(url.reveal(), *connections).await?)
            }
            #[cfg(feature = "dynamodb")]
            Database::Dynamodb { table } => {
                opening.depending(adapters::dynamodb::DynamoStore::new(opening.sdk(), table))
            }
            #[allow(unreachable_patterns, reason = "reached in a build without one of the engines")]
            _ => return not_built_in("store"),
        };
        Ok(opening.faulty(store, Chaos::store))
    })
}

pub(crate) fn queue(opening: &Opening) -> BoxFuture<'_, Result<Option<Arc<dyn Queueing>>, Fault>> {
    Box::pin(async move {
        let queue: Arc<dyn Queueing> = match &opening.config.workers {
            WorkerMode::None => return Ok(None),
            #[cfg(feature = "sqlite")]
            WorkerMode::InProcess => Arc::new(
                adapters::sqlite::queue::SqliteQueueing::open(&opening.config.data_dir.join("queue.sqlite")).await?,
            ),
            #[cfg(feature = "redis")]
            WorkerMode::Redis => {
                opening.depending(adapters::redis::RedisQueueing::connect(redis_url(opening)?, "bharatmart").await?)
            }
            #[cfg(feature = "sqs")]
            WorkerMode::Sqs { queue_url_prefix } => opening.depending(adapters::sqs::SqsQueueing::new(
                opening.sdk(),
                adapters::sqs::QueueUrls::new(queue_url_prefix),
            )),
            #[allow(unreachable_patterns, reason = "reached in a build without one of the engines")]
            _ => return not_built_in("queue"),
        };
        Ok(Some(opening.faulty(queue, Chaos::queue)))
    })
}

#[cfg(feature = "redis")]
fn redis_url(opening: &Opening) -> Result<&str, Fault> {
    let url = opening.config.redis_url.as_ref().ok_or_else(|| Fault::broken("redis", "REDIS_URL is not set"))?;
    Ok(url.reveal())
}

pub(crate) fn cache(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Cache>, Fault>> {
    Box::pin(async move {
        let cache: Arc<dyn Cache> = match opening.config.cache {
            CacheKind::Memory => Arc::new(adapters::memory::MemoryCache::new(Arc::new(System))),
            #[cfg(feature = "redis")]
            CacheKind::Redis => {
                opening.depending(adapters::redis::RedisCache::connect(redis_url(opening)?, "bharatmart").await?)
            }
            #[allow(unreachable_patterns, reason = "reached in a build without one of the engines")]
            _ => return not_built_in("cache"),
        };
        Ok(opening.faulty(cache, Chaos::cache))
    })
}

pub(crate) fn secrets(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Secrets>, Fault>> {
    Box::pin(async move {
        if let Some(secrets) = opening.secrets.get() {
            return Ok(secrets.clone());
        }
        let environment = adapters::secrets::EnvSecrets::new(opening.config.secret_variables());
        let secrets: Arc<dyn Secrets> = match &opening.config.secrets {
            SecretsKind::Environment => Arc::new(environment),
            #[cfg(feature = "secretsmanager")]
            SecretsKind::SecretsManager { prefix, fall_back } => {
                let manager = adapters::secrets::SecretsManagerSecrets::new(opening.sdk(), prefix);
                let manager = opening.depending(manager);
                if *fall_back {
                    Arc::new(adapters::secrets::FallbackSecrets::new(manager, environment))
                } else {
                    manager
                }
            }
            #[allow(unreachable_patterns, reason = "reached in a build without one of the engines")]
            _ => return not_built_in("secrets"),
        };
        Ok(opening.secrets.get_or_init(|| opening.faulty(secrets, Chaos::secrets)).clone())
    })
}

pub(crate) fn blobs(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Blobs>, Fault>> {
    Box::pin(async move {
        if let Some(blobs) = opening.blobs.get() {
            return Ok(blobs.clone());
        }
        let blobs: Arc<dyn Blobs> = match &opening.config.blobs {
            BlobsKind::Files => Arc::new(adapters::blobs::FileBlobs::open(opening.config.data_dir.join("blobs"))?),
            #[cfg(feature = "s3")]
            BlobsKind::S3 { bucket } => opening.depending(adapters::blobs::S3Blobs::new(opening.sdk(), bucket)),
            #[allow(unreachable_patterns, reason = "reached in a build without one of the engines")]
            _ => return not_built_in("blobs"),
        };
        Ok(opening.blobs.get_or_init(|| opening.faulty(blobs, Chaos::blobs)).clone())
    })
}

pub(crate) fn messages(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Messages>, Fault>> {
    Box::pin(async move {
        let settings = &opening.config.messages;
        let email: Arc<dyn Messages> = match &settings.mail {
            MailKind::Files => files(opening).await?,
            #[cfg(feature = "smtp")]
            MailKind::Smtp { url, from } => {
                let url = match url {
                    Some(url) => url.clone(),
                    None => smtp_url(opening).await?,
                };
                opening.depending(adapters::messages::SmtpMessages::new(&url, from, Arc::new(System))?)
            }
            #[cfg(feature = "ses")]
            MailKind::Ses { from } => {
                opening.depending(adapters::messages::SesMessages::new(opening.sdk(), from, Arc::new(System))?)
            }
            #[allow(unreachable_patterns, reason = "reached in a build without SES or SMTP")]
            _ => return not_built_in("messages"),
        };
        let sms: Option<Arc<dyn Messages>> = match settings.sms {
            SmsKind::Files => Some(files(opening).await?),
            SmsKind::None => None,
        };
        let messages: Arc<dyn Messages> = Arc::new(adapters::messages::ByChannel { email: Some(email), sms });
        Ok(opening.faulty(messages, Chaos::messages))
    })
}

async fn files(opening: &Opening) -> Result<Arc<dyn Messages>, Fault> {
    Ok(Arc::new(adapters::messages::BlobMessages::new(blobs(opening).await?, Arc::new(System))))
}

#[cfg(feature = "smtp")]
async fn smtp_url(opening: &Opening) -> Result<bharatmart_core::ports::Secret, Fault> {
    let url = secrets(opening).await?.secret(SMTP_URL).await?;
    url.ok_or_else(|| Fault::broken("messages", format!("set SMTP_URL, or the secret {SMTP_URL}")))
}

/// The mock remembers what it did in the shop's store.
pub(crate) fn provider(
    opening: &Opening,
    store: Arc<dyn Store>,
    queue: Option<Arc<dyn Queueing>>,
) -> Option<Arc<dyn PaymentProvider>> {
    let Provider::Mock { failing_per_million } = opening.config.provider else { return None };
    let (memory, system) = (Arc::new(Telling { store, queue }), Arc::new(System));
    let mock = adapters::payments::MockProvider::new(memory, system.clone(), system, failing_per_million);
    Some(opening.faulty(Arc::new(mock) as Arc<dyn PaymentProvider>, Chaos::payments))
}

#[cfg(feature = "search")]
pub(crate) fn search(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn Search>, Fault>> {
    Box::pin(async move {
        let blobs = blobs(opening).await?;
        let folder = opening.config.search_dir.join("reader");
        let refresh = opening.config.search_refresh;
        let search = adapters::search::TantivySearch::open(blobs, &folder, refresh, Arc::new(System)).await?;
        Ok(opening.faulty(Arc::new(search) as Arc<dyn Search>, Chaos::search))
    })
}

#[cfg(feature = "search")]
pub(crate) fn index(opening: &Opening) -> BoxFuture<'_, Result<Arc<dyn SearchIndex>, Fault>> {
    Box::pin(async move {
        let blobs = blobs(opening).await?;
        let index = adapters::search::TantivyIndex::open(blobs, &opening.config.search_dir.join("writer")).await?;
        Ok(opening.faulty(Arc::new(index) as Arc<dyn SearchIndex>, Chaos::index))
    })
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn without_faults_a_port_is_the_adapters_own() {
        let opening = Opening::new(Arc::new(Config::read(Vec::new()).unwrap()), None);
        let cache: Arc<dyn Cache> = Arc::new(adapters::memory::MemoryCache::new(Arc::new(System)));
        assert!(Arc::ptr_eq(&cache, &opening.faulty(cache.clone(), Chaos::cache)));
    }
}
