//! Blobs.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Blob, Blobs, Etag, Fault, PutRefused};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn blobs(&self, blobs: Arc<dyn Blobs>) -> Arc<dyn Blobs> {
        Arc::new(self.faulty(blobs))
    }
}

faulty! {
    BLOBS = "blobs": Blobs for dyn Blobs;
    reads get(key: &str) -> Result<Option<Blob>, Fault>;
    reads get_newer(key: &str, seen: &Etag) -> Result<Option<Blob>, Fault>;
    writes put(key: &str, bytes: Vec<u8>, content_type: &str) -> Result<Etag, Fault>;
    writes put_if(key: &str, bytes: Vec<u8>, seen: Option<&Etag>) -> Result<Etag, PutRefused>;
    writes delete(key: &str) -> Result<(), Fault>;
    reads list(prefix: &str) -> Result<Vec<String>, Fault>;
    reads probe() -> Result<(), Fault>;
}
