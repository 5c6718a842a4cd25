//! What the routes of identity ask for beyond records: tokens, passwords, secrets and the vault.

use bharatmart_core::SessionId;
use bharatmart_core::identity::{Keys, User, password};
use bharatmart_core::ports::{Fault, Secret, Vault};
use serde_json::Value;

use super::{Ctx, WorkCtx};
use crate::app::App;
use crate::config::TOKEN_KEYS;
use crate::need::Grant;
use crate::passwords::Place;
use crate::problem::Problem;

impl Ctx {
    pub async fn secret(&self, name: &'static str) -> Result<Secret, Fault> {
        self.declared(Grant::Secret(name))?;
        self.app.secret(name).await
    }

    /// A secret that is a list of keys.
    pub async fn keys(&self, name: &'static str) -> Result<Keys, Fault> {
        keys(name, &self.secret(name).await?)
    }

    pub async fn vault(&self) -> Result<Box<dyn Vault>, Fault> {
        self.declared(Grant::Vault)?;
        self.app.vault().await
    }

    pub async fn hash_password(&self, password: &str) -> Result<String, Fault> {
        self.app.hash_password(password).await
    }

    /// Room to check one password in. Whoever counts tries does it between this and the check: a request that found no
    /// room has tried nothing.
    pub async fn password_place(&self) -> Result<Place, Fault> {
        self.app.passwords.place().await
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

impl WorkCtx {
    /// A secret that is a list of keys.
    pub async fn keys(&self, name: &'static str) -> Result<Keys, Fault> {
        keys(name, &self.secret(name).await?)
    }

    pub async fn hash_password(&self, password: &str) -> Result<String, Fault> {
        self.app.hash_password(password).await
    }
}

fn keys(name: &str, secret: &Secret) -> Result<Keys, Fault> {
    Keys::parse(secret).ok_or_else(|| Fault::broken("secrets", format_args!("{name}: holds no key")))
}

impl App {
    async fn hash_password(&self, password: &str) -> Result<String, Fault> {
        let (password, random) = (password.to_owned(), self.random.clone());
        self.passwords.run(move || password::hash(&password, random.as_ref())).await
    }
}
