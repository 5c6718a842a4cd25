//! Secrets from environment variables. `auth-token-key` is `SECRET_AUTH_TOKEN_KEY`: `SECRET_`, then the name in upper
//! case with `_` for every other character than a letter or digit. A variable that is set to nothing is not set.
//! The environment of a process does not change: to rotate a secret here is to start the process again.

use std::collections::HashMap;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Secret, Secrets};

const PREFIX: &str = "SECRET_";

#[derive(Debug)]
pub struct EnvSecrets(HashMap<String, Secret>);

impl EnvSecrets {
    /// Takes what is a secret out of the variables of the environment.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let secrets = variables.into_iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
        EnvSecrets(secrets.map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// How a secret's variable is called.
    pub fn variable(name: &str) -> String {
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        PREFIX.chars().chain(name.chars().map(upper)).collect()
    }
}

#[async_trait]
impl Secrets for EnvSecrets {
    async fn secret(&self, name: &str) -> Result<Option<Secret>, Fault> {
        Ok(self.0.get(&Self::variable(name)).cloned())
    }

    fn forget(&self, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_called_in_the_environment_as_the_rule_says() {
        assert_eq!(EnvSecrets::variable("auth-token-key"), "SECRET_AUTH_TOKEN_KEY");
        assert_eq!(EnvSecrets::variable("razorpay.webhook"), "SECRET_RAZORPAY_WEBHOOK");
    }
}
