//! Whether the engines that the settings name are in this build.

use super::reader::Reader;
use super::{BlobsKind, CacheKind, Config, Database, SecretsKind, WorkerMode};

/// A build holds only the engines it was made with; asking it for another is a mistake to name at start.
pub(super) fn check(read: &mut Reader, config: &Config) {
    let engines = [
        ("DATABASE_TYPE", "sqlite", matches!(config.database, Database::Sqlite), cfg!(feature = "sqlite")),
        ("DATABASE_TYPE", "postgres", matches!(config.database, Database::Postgres { .. }), cfg!(feature = "postgres")),
        ("DATABASE_TYPE", "dynamodb", matches!(config.database, Database::Dynamodb { .. }), cfg!(feature = "dynamodb")),
        ("WORKER_MODE", "sqlite", matches!(config.workers, WorkerMode::InProcess), cfg!(feature = "sqlite")),
        ("WORKER_MODE", "redis", matches!(config.workers, WorkerMode::Redis), cfg!(feature = "redis")),
        ("WORKER_MODE", "sqs", matches!(config.workers, WorkerMode::Sqs { .. }), cfg!(feature = "sqs")),
        ("CACHE_TYPE", "redis", config.cache == CacheKind::Redis, cfg!(feature = "redis")),
        ("BLOBS_TYPE", "s3", matches!(config.blobs, BlobsKind::S3 { .. }), cfg!(feature = "s3")),
        (
            "SECRETS_PROVIDER",
            "secretsmanager",
            matches!(config.secrets, SecretsKind::SecretsManager { .. }),
            cfg!(feature = "secretsmanager"),
        ),
    ];
    for (variable, feature, wanted, there) in engines {
        if wanted && !there {
            read.wrong(variable, &format!("this build has no {feature}: build it with --features {feature}"));
        }
    }
}
