//! Blobs: pictures, index snapshots, imports and exports.

use async_trait::async_trait;

use super::Fault;

/// Names one content of one blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub bytes: Vec<u8>,
    pub etag: Etag,
}

#[derive(Debug, thiserror::Error)]
pub enum PutRefused {
    /// The blob is not what the caller had seen.
    #[error("the blob has changed since it was read")]
    Changed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keys are paths of `a-z A-Z 0-9 . _ -` segments parted by `/`; no segment is `.` or `..`.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// MUST see every put that was answered before the call.
    async fn get(&self, key: &str) -> Result<Option<Blob>, Fault>;

    /// As `get`, but `None` also when the content is still `seen`: for cheap polling.
    async fn get_newer(&self, key: &str, seen: &Etag) -> Result<Option<Blob>, Fault>;

    /// MUST replace the whole blob at once: a reader sees the old content or the new.
    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<Etag, Fault>;

    /// MUST replace only when the content is `seen` (`None`: when there is none), even among writers at once.
    async fn put_if(&self, key: &str, bytes: Vec<u8>, seen: Option<&Etag>) -> Result<Etag, PutRefused>;

    async fn delete(&self, key: &str) -> Result<(), Fault>;

    /// Keys under a prefix, in order.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault>;

    /// MUST make one real round trip.
    async fn probe(&self) -> Result<(), Fault>;
}
