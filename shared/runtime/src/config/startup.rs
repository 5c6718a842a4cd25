//! The line at start that says what is in force, without a secret in it.

use super::{BlobsKind, Config, Database, SecretsKind, WorkerMode};

impl Config {
    pub fn log_start(&self, function: &str) {
        let database = match &self.database {
            Database::Sqlite => format!("sqlite in {}", self.data_dir.display()),
            Database::Postgres { url, connections } => {
                format!("postgresql at {}, {connections} connections", place(url.reveal()))
            }
            Database::Dynamodb { table } => format!("dynamodb table {table}"),
        };
        let workers = match &self.workers {
            WorkerMode::InProcess => "in-process".to_owned(),
            WorkerMode::Redis => "redis".to_owned(),
            WorkerMode::Sqs { queue_url_prefix } => format!("sqs at {queue_url_prefix}…"),
            WorkerMode::None => "none".to_owned(),
        };
        let blobs = match &self.blobs {
            BlobsKind::Files => "files".to_owned(),
            BlobsKind::S3 { bucket } => format!("s3 bucket {bucket}"),
        };
        let secrets = match &self.secrets {
            SecretsKind::Environment => "environment".to_owned(),
            SecretsKind::SecretsManager { prefix, fall_back } => {
                format!("secrets manager {prefix}…{}", if *fall_back { ", then environment" } else { "" })
            }
        };
        tracing::info!(
            function,
            version = env!("CARGO_PKG_VERSION"),
            app_env = ?self.app_env,
            deployment = ?self.deployment,
            database,
            workers,
            cache = ?self.cache,
            redis = self.redis_url.as_ref().map(|url| place(url.reveal())),
            secrets,
            blobs,
            otlp = self.otlp_endpoint.is_some(),
            public_url = self.public_url,
            max_body_bytes = self.max_body_bytes,
            "starting"
        );
    }
}

/// A URL's host and path: no user, no password, no query.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    rest.split('?').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AppEnv, DEFAULT_SECRETS, REFRESH_KEY};
    use bharatmart_adapters::secrets::EnvSecrets;

    fn read(variables: &[(&str, &str)]) -> Result<Config, crate::config::Mistakes> {
        Config::read(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn nothing_set_is_the_embedded_shop() {
        let config = read(&[]).unwrap();
        assert!(matches!(config.database, Database::Sqlite));
        assert_eq!(config.app_env, AppEnv::Development);
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let mistakes = read(&[
            ("DATABASE_TYPE", "oracle"),
            ("WORKER_MODE", "kafka"),
            ("CACHE_TYPE", "redis"),
            ("MAX_BODY_BYTES", "a lot"),
            ("CORS_ORIGINS", "*"),
            ("LISTEN", "everywhere"),
        ])
        .unwrap_err();
        let text = mistakes.to_string();
        let named = ["DATABASE_TYPE", "WORKER_MODE", "REDIS_URL", "MAX_BODY_BYTES", "CORS_ORIGINS", "LISTEN"];
        for variable in named {
            assert!(text.contains(&format!("\n  {variable}: ")), "{variable} is not named in: {text}");
        }
        assert!(text.starts_with("6 settings are wrong"), "{text}");
    }

    #[test]
    fn production_asks_for_secrets_and_refuses_those_of_development() {
        let refresh = EnvSecrets::variable(REFRESH_KEY);
        let default = DEFAULT_SECRETS.iter().find(|(name, _)| *name == REFRESH_KEY).unwrap().1;
        let text = read(&[("APP_ENV", "production"), (&refresh, default)]).unwrap_err().to_string();
        assert!(text.contains("SECRET_CURSOR_KEY: must be set"), "{text}");
        assert!(text.contains("SECRET_TOKEN_KEYS: must be set"), "{text}");
        assert!(text.contains("SECRET_REFRESH_KEY: is the development default"), "{text}");
        assert!(text.contains("PUBLIC_URL: must be the shop's https://"), "{text}");
    }

    #[test]
    fn an_outside_issuer_is_read_whole_or_refused() {
        let keycloak = r#"[{"issuer":"https://id.example/realms/shop","audience":"shop",
            "jwks_url":"https://id.example/certs","role_claim":"realm_access.roles","roles":{"shop-admin":"admin"}}]"#;
        let config = read(&[("OIDC_ISSUERS", keycloak)]).unwrap();
        assert_eq!(config.oidc_issuers[0].roles["shop-admin"], bharatmart_core::Role::Admin);
        assert_eq!(config.oidc_issuers[0].tenant, bharatmart_core::Tenant::main());
        let spices = keycloak.replace("\"role_claim\"", "\"tenant\":\"spices\",\"role_claim\"");
        let config = read(&[("OIDC_ISSUERS", &spices), ("TENANT_DOMAIN", "shops.example")]).unwrap();
        assert_eq!(config.oidc_issuers[0].tenant.as_str(), "spices");
        let text = |json: &str| read(&[("APP_ENV", "staging"), ("OIDC_ISSUERS", json)]).unwrap_err().to_string();
        assert!(text(&keycloak.replace("https://id.example/certs", "http://id.example")).contains("an https URL"));
        assert!(text(&keycloak.replace("\"admin\"", "\"king\"")).contains("OIDC_ISSUERS: must be a JSON list"));
        assert!(text(&spices).contains("no shop spices without TENANT_DOMAIN"));
        assert!(text(&keycloak.replace("\"audience\":\"shop\"", "\"audience\":\"\"")).contains("its audience"));
    }

    #[test]
    fn a_password_never_shows() {
        assert_eq!(place("postgres://shop:s3cret@db.example:5432/shop?sslmode=require"), "db.example:5432/shop");
        let text = read(&[("DATABASE_TYPE", "postgresql"), ("DATABASE_URL", "mysql://shop:s3cret@db")]);
        assert!(!text.unwrap_err().to_string().contains("s3cret"));
    }
}
