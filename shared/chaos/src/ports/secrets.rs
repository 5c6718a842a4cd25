//! Secrets.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Secret, Secrets};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn secrets(&self, secrets: Arc<dyn Secrets>) -> Arc<dyn Secrets> {
        Arc::new(self.faulty(secrets))
    }
}

faulty! {
    SECRETS = "secrets": Secrets for dyn Secrets;
    reads secret(name: &str) -> Result<Option<Secret>, Fault>;
    [] by hand:

    /// A note to oneself: nothing is asked of anybody.
    fn forget(&self, name: &str) {
        self.inner.forget(name);
    }
}
