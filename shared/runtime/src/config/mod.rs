//! All settings, from environment variables, read once and checked as a whole: every mistake is named at once, with
//! the variable and what would be right.

mod built_in;
mod chaos;
mod issuers;
mod limits;
mod messages;
mod payments;
mod reader;
mod secrets;
mod startup;
mod terms;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use bharatmart_core::delivery::Reach;
use bharatmart_core::orders::CodRules;
use bharatmart_core::ports::Secret;
use bharatmart_core::pricing::Terms;
use tracing::level_filters::LevelFilter;

pub use chaos::ChaosSettings;
pub use issuers::Issuer;
pub use limits::{LimitMode, Limits};
pub use messages::{MailKind, MessageSettings, SmsKind};
pub use payments::{Provider, ProviderWaits};
use reader::Reader;
pub use reader::{Mistake, Mistakes};
pub use secrets::{
    ADMIN_PASSWORD, CART_KEY, CODE_KEY, CURSOR_KEY, DEFAULT_SECRETS, REFRESH_KEY, REQUIRED_SECRETS, SEALING_KEY,
    SMTP_URL, TOKEN_KEYS, WEBHOOK_KEY,
};

#[derive(Clone, Debug)]
pub struct Config {
    pub app_env: AppEnv,
    pub deployment: Deployment,
    pub data_dir: PathBuf,
    pub database: Database,
    pub workers: WorkerMode,
    pub cache: CacheKind,
    pub secrets: SecretsKind,
    pub blobs: BlobsKind,
    pub aws: Aws,
    pub redis_url: Option<Secret>,
    pub search_dir: PathBuf,
    pub search_refresh: Duration,
    pub log_level: LevelFilter,
    pub otlp_endpoint: Option<String>,
    pub cors_origins: Vec<String>,
    pub tenant_domain: Option<String>,
    /// Where customers reach the shop; the issuer of its tokens.
    pub public_url: String,
    /// Whom the shop's tokens are for.
    pub token_audience: String,
    pub oidc_issuers: Vec<Issuer>,
    /// Whom `admin-create` makes the first admin.
    pub admin_email: String,
    pub max_body_bytes: usize,
    pub limits: Limits,
    /// `None` when no faults are injected.
    pub chaos: Option<ChaosSettings>,
    pub messages: MessageSettings,
    pub terms: Terms,
    /// Where the shop brings things.
    pub reach: Reach,
    pub provider: Provider,
    pub provider_waits: ProviderWaits,
    pub cod: CodRules,
    /// `SECRET_…` variables, for the environment's secrets.
    pub secret_values: Vec<(String, Secret)>,
    pub local: Local,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppEnv {
    Development,
    Test,
    Staging,
    Production,
}

impl AppEnv {
    /// Where nobody else can reach the shop, defaults may stand in for secrets.
    pub fn is_private(self) -> bool {
        matches!(self, AppEnv::Development | AppEnv::Test)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    SingleVm,
    MultiTier,
    Kubernetes,
    Serverless,
}

#[derive(Clone, Debug)]
pub enum Database {
    Sqlite,
    Postgres { url: Secret, connections: usize },
    Dynamodb { table: String },
}

#[derive(Clone, Debug)]
pub enum WorkerMode {
    InProcess,
    Redis,
    Sqs { queue_url_prefix: String },
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheKind {
    Memory,
    Redis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretsKind {
    Environment,
    SecretsManager { prefix: String, fall_back: bool },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobsKind {
    Files,
    S3 { bucket: String },
}

#[derive(Clone, Debug, Default)]
pub struct Aws {
    pub region: Option<String>,
    pub endpoint: Option<String>,
    /// `None` on a machine with a profile or role instead.
    pub keys: Option<AwsKeys>,
    pub max_concurrency: u32,
}

#[derive(Clone, Debug)]
pub struct AwsKeys {
    pub id: String,
    pub secret: Secret,
    pub session_token: Option<Secret>,
}

/// What the local cloud alone reads.
#[derive(Clone, Debug)]
pub struct Local {
    pub listen: SocketAddr,
    /// The Lambda API of `cargo lambda watch`; handlers run in-process without it.
    pub lambda_endpoint: Option<String>,
    /// One function that another Lambda API runs: the one that `make watch` starts anew after a change.
    pub lambda_watched: Option<(String, String)>,
    pub seed: bool,
    pub frontend_dir: PathBuf,
}

/// Nobody's address: good where nobody else can reach the shop, and refused where `admin-create` makes an admin in
/// production.
pub const DEFAULT_ADMIN_EMAIL: &str = "admin@bharatmart.example";

/// The tables a person may choose from; the words are those of the documentation.
const APP_ENVS: &[(&str, AppEnv)] = &[
    ("development", AppEnv::Development),
    ("test", AppEnv::Test),
    ("staging", AppEnv::Staging),
    ("production", AppEnv::Production),
];
const DEPLOYMENTS: &[(&str, Deployment)] = &[
    ("single-vm", Deployment::SingleVm),
    ("multi-tier", Deployment::MultiTier),
    ("kubernetes", Deployment::Kubernetes),
    ("serverless", Deployment::Serverless),
];
const CACHES: &[(&str, CacheKind)] = &[("memory", CacheKind::Memory), ("redis", CacheKind::Redis)];
const LOG_LEVELS: &[(&str, LevelFilter)] = &[
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

impl Config {
    /// From this process's environment.
    pub fn from_env() -> Result<Self, Mistakes> {
        Self::from_env_over(Vec::new())
    }

    /// From this process's environment, and below it from a file's settings.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env_over(mut settings: Vec<(String, String)>) -> Result<Self, Mistakes> {
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        // A variable that is set to nothing is not set.
        settings.extend(std::env::vars_os().filter_map(text).filter(|(_, value)| !value.is_empty()));
        Self::read(settings)
    }

    /// Of two settings of one variable the later holds.
    pub fn read(variables: Vec<(String, String)>) -> Result<Self, Mistakes> {
        let mut read = Reader::new(variables);
        let app_env = read.choice("APP_ENV", APP_ENVS, AppEnv::Development);
        let data_dir = PathBuf::from(read.text("DATA_DIR", "data"));
        let redis_url = read.url("REDIS_URL", &["redis", "rediss"]).map(Secret::new);
        let workers = workers(&mut read, redis_url.is_some());
        let cache = read.choice("CACHE_TYPE", CACHES, CacheKind::Memory);
        if cache == CacheKind::Redis && redis_url.is_none() {
            read.missing("REDIS_URL", "CACHE_TYPE is redis");
        }
        let listen = read.address("LISTEN", "127.0.0.1:8080");
        let public_url = public_url(&mut read, app_env, listen);
        let oidc_issuers = issuers::read(&mut read, app_env.is_private(), &public_url);
        let config = Config {
            app_env,
            deployment: read.choice("DEPLOYMENT_MODE", DEPLOYMENTS, Deployment::SingleVm),
            database: database(&mut read),
            workers,
            cache,
            secrets: secrets_kind(&mut read),
            blobs: blobs(&mut read),
            aws: aws(&mut read),
            redis_url,
            search_dir: read.optional("SEARCH_DIR").map_or_else(|| data_dir.join("search"), PathBuf::from),
            search_refresh: Duration::from_millis(read.number("SEARCH_REFRESH_MS", 500, 10, 60_000)),
            log_level: read.choice("LOG_LEVEL", LOG_LEVELS, LevelFilter::INFO),
            otlp_endpoint: read.url("OTEL_EXPORTER_OTLP_ENDPOINT", &["http"]),
            cors_origins: read.origins("CORS_ORIGINS"),
            tenant_domain: read.optional("TENANT_DOMAIN").map(|domain| domain.to_ascii_lowercase()),
            public_url,
            token_audience: read.text("TOKEN_AUDIENCE", "bharatmart"),
            oidc_issuers,
            admin_email: read.text("ADMIN_EMAIL", DEFAULT_ADMIN_EMAIL),
            max_body_bytes: read.number("MAX_BODY_BYTES", 1_048_576, 1_024, 6_291_456) as usize,
            limits: limits::read(&mut read, app_env),
            chaos: chaos::read(&mut read, app_env),
            messages: messages::read(&mut read, app_env),
            terms: terms::read(&mut read),
            reach: terms::reach(&mut read),
            provider: payments::read(&mut read, app_env),
            provider_waits: payments::waits(&mut read),
            cod: payments::cod(&mut read),
            secret_values: read.secrets(),
            local: Local {
                listen,
                lambda_endpoint: read.url("LAMBDA_ENDPOINT", &["http"]),
                lambda_watched: lambda_watched(&mut read),
                seed: read.flag("SEED", true),
                frontend_dir: PathBuf::from(read.text("FRONTEND_DIR", "frontend")),
            },
            data_dir,
        };
        if !app_env.is_private() && config.secrets == SecretsKind::Environment {
            for name in REQUIRED_SECRETS {
                read.require_secret(name);
            }
        }
        if !app_env.is_private() {
            read.refuse_default_secrets();
        }
        if config.deployment != Deployment::SingleVm && read.optional("APP_ENV").is_none() {
            // Nobody means "development, with secrets everybody knows" there.
            read.missing("APP_ENV", "DEPLOYMENT_MODE is not single-vm");
        }
        if config.uses_aws() && config.aws.region.is_none() {
            read.missing("AWS_REGION", "a service of AWS is used");
        }
        built_in::check(&mut read, &config);
        read.finish(config)
    }
}

impl Config {
    /// For the secrets of the environment: variable and value.
    pub(crate) fn secret_variables(&self) -> Vec<(String, String)> {
        self.secret_values.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned())).collect()
    }

    fn uses_aws(&self) -> bool {
        matches!(self.database, Database::Dynamodb { .. })
            || matches!(self.workers, WorkerMode::Sqs { .. })
            || matches!(self.blobs, BlobsKind::S3 { .. })
            || matches!(self.secrets, SecretsKind::SecretsManager { .. })
            || matches!(self.messages.mail, MailKind::Ses { .. })
    }
}

/// Without a slash at its end, as tokens and links begin with it.
/// On a developer's machine it is where the shop listens.
fn public_url(read: &mut Reader, app_env: AppEnv, listen: SocketAddr) -> String {
    const VARIABLE: &str = "PUBLIC_URL";
    let here = || {
        let ip = if listen.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { listen.ip() };
        format!("http://{}", SocketAddr::new(ip, listen.port()))
    };
    let url = read.url(VARIABLE, &["http", "https"]).unwrap_or_else(here);
    if app_env == AppEnv::Production && !url.starts_with("https://") {
        read.wrong(VARIABLE, "must be the shop's https:// address in production");
    }
    url.trim_end_matches('/').to_owned()
}

fn database(read: &mut Reader) -> Database {
    const KINDS: &[(&str, &str)] =
        &[("sqlite", "sqlite"), ("postgresql", "postgresql"), ("supabase", "supabase"), ("dynamodb", "dynamodb")];
    let kind = read.choice("DATABASE_TYPE", KINDS, "sqlite");
    let url = read.url("DATABASE_URL", &["postgres", "postgresql"]);
    let connections = read.number("DATABASE_CONNECTIONS", 10, 1, 500) as usize;
    let table = read.optional("DYNAMODB_TABLE");
    match kind {
        "postgresql" | "supabase" => {
            let mut url = url.unwrap_or_else(|| read.missing("DATABASE_URL", &format!("DATABASE_TYPE is {kind}")));
            // Supabase takes no connection in the clear.
            if kind == "supabase" && !url.contains("sslmode=") {
                url.push_str(if url.contains('?') { "&sslmode=require" } else { "?sslmode=require" });
            }
            Database::Postgres { url: Secret::new(url), connections }
        }
        "dynamodb" => {
            let table = table.unwrap_or_else(|| read.missing("DYNAMODB_TABLE", "DATABASE_TYPE is dynamodb"));
            Database::Dynamodb { table }
        }
        _ => Database::Sqlite,
    }
}

fn workers(read: &mut Reader, has_redis: bool) -> WorkerMode {
    const MODES: &[(&str, &str)] =
        &[("in-process", "in-process"), ("redis", "redis"), ("sqs", "sqs"), ("none", "none")];
    let prefix = read.url("QUEUE_URL_PREFIX", &["http", "https"]);
    match read.choice("WORKER_MODE", MODES, "in-process") {
        "redis" => {
            if !has_redis {
                read.missing("REDIS_URL", "WORKER_MODE is redis");
            }
            WorkerMode::Redis
        }
        "sqs" => {
            let queue_url_prefix = prefix.unwrap_or_else(|| read.missing("QUEUE_URL_PREFIX", "WORKER_MODE is sqs"));
            WorkerMode::Sqs { queue_url_prefix }
        }
        "none" => WorkerMode::None,
        _ => WorkerMode::InProcess,
    }
}

fn secrets_kind(read: &mut Reader) -> SecretsKind {
    const KINDS: &[(&str, bool)] = &[("env", false), ("aws-secrets-manager", true)];
    let in_aws = read.choice("SECRETS_PROVIDER", KINDS, false);
    let prefix = read.text("SECRETS_PREFIX", "bharatmart/");
    let fall_back = read.flag("SECRETS_FALLBACK", false);
    if in_aws { SecretsKind::SecretsManager { prefix, fall_back } } else { SecretsKind::Environment }
}

fn blobs(read: &mut Reader) -> BlobsKind {
    const KINDS: &[(&str, bool)] = &[("files", false), ("s3", true)];
    let s3 = read.choice("BLOBS_TYPE", KINDS, false);
    let bucket = read.optional("BLOBS_BUCKET");
    if !s3 {
        return BlobsKind::Files;
    }
    BlobsKind::S3 { bucket: bucket.unwrap_or_else(|| read.missing("BLOBS_BUCKET", "BLOBS_TYPE is s3")) }
}

fn lambda_watched(read: &mut Reader) -> Option<(String, String)> {
    let value = read.optional("LAMBDA_WATCHED")?;
    match value.split_once('=') {
        Some((function, url)) if url.starts_with("http://") => Some((function.to_owned(), url.to_owned())),
        _ => {
            read.wrong("LAMBDA_WATCHED", "must be like products-list=http://127.0.0.1:9001");
            None
        }
    }
}

fn aws(read: &mut Reader) -> Aws {
    let id = read.optional("AWS_ACCESS_KEY_ID");
    let secret = read.optional("AWS_SECRET_ACCESS_KEY").map(Secret::new);
    let session_token = read.optional("AWS_SESSION_TOKEN").map(Secret::new);
    Aws {
        region: read.optional("AWS_REGION").or_else(|| read.optional("AWS_DEFAULT_REGION")),
        endpoint: read.url("AWS_ENDPOINT_URL", &["http", "https"]),
        keys: id.zip(secret).map(|(id, secret)| AwsKeys { id, secret, session_token }),
        max_concurrency: read.number("AWS_LAMBDA_MAX_CONCURRENCY", 1, 1, 1_000) as u32,
    }
}
