//! Secrets Manager, remembered for a while: `auth-token-key` is the secret `<prefix>auth-token-key`, its present version
//! (AWSCURRENT), a text. That a secret is not there is not remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use bharatmart_core::ports::{Fault, Secret, Secrets};
use tokio::time::Instant;

use crate::aws::{Failed, call};
use crate::dependency::{Dependency, Depends};

const PORT: &str = "secrets";
/// The port says five minutes; this leaves room for the call.
const KEPT: Duration = Duration::from_secs(4 * 60);
/// How long a value that could not be read anew is used before it is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(5);

pub struct SecretsManagerSecrets {
    client: Client,
    prefix: String,
    kept: Duration,
    known: Mutex<HashMap<String, Known>>,
    dependency: Arc<Dependency>,
}

struct Known {
    secret: Secret,
    fresh_until: Instant,
}

impl SecretsManagerSecrets {
    /// `prefix` comes before every name: `bharatmart/production/`, say.
    pub fn new(config: &SdkConfig, prefix: impl Into<String>) -> Self {
        SecretsManagerSecrets {
            client: Client::new(config),
            prefix: prefix.into(),
            kept: KEPT,
            known: Mutex::default(),
            dependency: Arc::new(Dependency::new("secrets-manager", PORT)),
        }
    }

    /// Remembers a secret for another time than the four minutes.
    pub fn remembering_for(self, kept: Duration) -> Self {
        SecretsManagerSecrets { kept, ..self }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, name: &str, secret: Secret, how_long: Duration) {
        let known = Known { secret, fresh_until: Instant::now() + how_long };
        self.known().insert(name.to_owned(), known);
    }

    async fn read(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let id = format!("{}{name}", self.prefix);
        let get = || self.client.get_secret_value().secret_id(&id).send();
        match call(&self.dependency, get).await {
            Ok(value) => match value.secret_string {
                Some(text) => Ok(Some(Secret::new(text))),
                None => Err(Fault::broken(PORT, format!("{id} is not a text"))),
            },
            Err(Failed::Told(GetSecretValueError::ResourceNotFoundException(_), _)) => Ok(None),
            Err(failed) => Err(failed.into_fault(PORT)),
        }
    }
}

impl Depends for SecretsManagerSecrets {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}

#[async_trait]
impl Secrets for SecretsManagerSecrets {
    async fn secret(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let stale = match self.known().get(name) {
            Some(known) if known.fresh_until > Instant::now() => return Ok(Some(known.secret.clone())),
            known => known.map(|known| known.secret.clone()),
        };
        match (self.read(name).await, stale) {
            (Ok(Some(secret)), _) => {
                self.remember(name, secret.clone(), self.kept);
                Ok(Some(secret))
            }
            (Ok(None), _) => {
                self.known().remove(name);
                Ok(None)
            }
            (Err(Fault::Away { cause, .. } | Fault::Busy { cause, .. }), Some(secret)) => {
                tracing::warn!(name, cause, "Secrets Manager is away; a secret known before is used");
                self.remember(name, secret.clone(), TRY_AGAIN);
                Ok(Some(secret))
            }
            (Err(fault), _) => Err(fault),
        }
    }

    /// It is read anew, and kept for when it cannot be: anybody can bring a token of a key that nobody has.
    fn forget(&self, name: &str) {
        if let Some(known) = self.known().get_mut(name) {
            known.fresh_until = Instant::now();
        }
    }
}
