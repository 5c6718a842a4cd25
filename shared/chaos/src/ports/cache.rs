//! The cache.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Cache, Counted, Fault};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn cache(&self, cache: Arc<dyn Cache>) -> Arc<dyn Cache> {
        Arc::new(self.faulty(cache))
    }
}

faulty! {
    CACHE = "cache": Cache for dyn Cache;
    writes count(key: &str, by: u64, window: Duration) -> Result<Counted, Fault>;
    reads probe() -> Result<(), Fault>;
}
