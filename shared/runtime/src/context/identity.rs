//! What the routes of identity ask for beyond records: tokens, passwords, secrets and the vault.

use bharatmart_core::SessionId;
use bharatmart_core::identity::User;
use bharatmart_core::ports::{Fault, Secret, Vault};
use serde_json::Value;

use super::Ctx;
use crate::config::TOKEN_KEYS;
use crate::need::Grant;
use crate::problem::Problem;

impl Ctx {
    pub async fn secret(&self, name: &'static str) -> Result<Secret, Fault> {
        self.declared(Grant::Secret(name))?;
        self.app.secret(name).await
    }

    pub async fn vault(&self) -> Result<Box<dyn Vault>, Fault> {
        self.declared(Grant::Vault)?;
        self.app.vault().await
    }

    /// An access token for a session of the user, good for `TOKEN_LIFE`.
    pub async fn access_token(&self, user: &User, session: SessionId) -> Result<String, Problem> {
        self.declared(Grant::IssuesTokens)?;
        Ok(self.app.access_token(&self.tenant, user, session).await?)
    }

    /// The keys that verify access tokens, as a JWKS.
    pub async fn public_keys(&self) -> Result<Value, Problem> {
        self.declared(Grant::Secret(TOKEN_KEYS))?;
        Ok(self.app.token_keys().await?.public())
    }
}
