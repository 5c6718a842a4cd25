//! Secrets from the environment and from Secrets Manager. A secret is named in lower case with hyphens,
//! `auth-token-key`; each source has its own spelling of that.

mod environment;
#[cfg(feature = "secretsmanager")]
mod fallback;
#[cfg(feature = "secretsmanager")]
mod manager;

pub use environment::EnvSecrets;
#[cfg(feature = "secretsmanager")]
pub use fallback::FallbackSecrets;
#[cfg(feature = "secretsmanager")]
pub use manager::SecretsManagerSecrets;
