//! Which shop a row belongs to. Every key in every store begins with it.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Invalid;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub struct Tenant(Arc<str>);

impl Tenant {
    pub const MAIN: &'static str = "main";

    pub fn main() -> Self {
        Tenant(Arc::from(Self::MAIN))
    }

    /// A DNS label, so that it can be read from the host; no `#`, which parts the keys of DynamoDB.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let edges = !text.starts_with('-') && !text.ends_with('-');
        if (1..=32).contains(&text.len()) && edges && text.bytes().all(label) {
            return Ok(Tenant(Arc::from(text)));
        }
        Err(Invalid::new("invalid_tenant", "must be 1 to 32 of a-z, 0-9 and -, not at its ends"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self::main()
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Tenant {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0.to_string()
    }
}
