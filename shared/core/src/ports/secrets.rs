//! Secrets by name. A secret never shows itself in a log.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::Fault;

#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Secret(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[async_trait]
pub trait Secrets: Send + Sync {
    /// The present value, `None` when there is no such secret. MUST show a rotated value within five minutes,
    /// and at once after `forget`. While the source is away a value already known is returned, forgotten or not.
    async fn secret(&self, name: &str) -> Result<Option<Secret>, Fault>;

    /// Has `name` read anew when it is asked for next: called when a secret turned out to be stale.
    fn forget(&self, name: &str);
}
