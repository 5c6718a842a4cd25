//! Secrets from the environment and from Secrets Manager.
