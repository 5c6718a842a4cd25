//! Secrets Manager first, then the environment: for places where that is allowed. Each secret that came from the
//! environment is told of once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Secret, Secrets};

use super::EnvSecrets;

pub struct FallbackSecrets {
    first: Arc<dyn Secrets>,
    environment: EnvSecrets,
    told: Mutex<HashSet<String>>,
}

impl FallbackSecrets {
    pub fn new(first: Arc<dyn Secrets>, environment: EnvSecrets) -> Self {
        FallbackSecrets { first, environment, told: Mutex::default() }
    }
}

#[async_trait]
impl Secrets for FallbackSecrets {
    async fn secret(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let first = self.first.secret(name).await;
        if let Ok(Some(_)) = first {
            return first;
        }
        let Some(secret) = self.environment.secret(name).await? else { return first };
        if self.told.lock().is_ok_and(|mut told| told.insert(name.to_owned())) {
            let why = first.err().map_or_else(|| "it is not in Secrets Manager".to_owned(), |fault| fault.to_string());
            tracing::warn!(name, why, "a secret is taken from the environment");
        }
        Ok(Some(secret))
    }

    fn forget(&self, name: &str) {
        self.first.forget(name);
    }
}
