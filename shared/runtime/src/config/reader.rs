//! Reads variables one by one and remembers every mistake.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use bharatmart_core::ports::Secret;

use bharatmart_adapters::secrets::EnvSecrets;

use super::{ADMIN_PASSWORD, DEFAULT_SECRETS};

pub(super) struct Reader {
    variables: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub variable: String,
    pub problem: String,
}

/// All that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} {} wrong:", if count == 1 { "setting is" } else { "settings are" })?;
        for mistake in &self.0 {
            write!(f, "\n  {}: {}", mistake.variable, mistake.problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

impl Reader {
    pub fn new(variables: Vec<(String, String)>) -> Self {
        Reader { variables: variables.into_iter().collect(), mistakes: Vec::new() }
    }

    pub fn wrong(&mut self, variable: &str, problem: &str) {
        self.mistakes.push(Mistake { variable: variable.to_owned(), problem: problem.to_owned() });
    }

    /// An empty variable is as good as none.
    pub fn optional(&self, variable: &str) -> Option<String> {
        self.variables.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    pub fn text(&self, variable: &str, default: &str) -> String {
        self.optional(variable).unwrap_or_else(|| default.to_owned())
    }

    pub fn missing(&mut self, variable: &str, because: &str) -> String {
        // A value that was there but wrong is a mistake already.
        if self.optional(variable).is_none() {
            self.wrong(variable, &format!("must be set, since {because}"));
        }
        String::new()
    }

    pub fn choice<T: Copy>(&mut self, variable: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(value) = self.optional(variable) else { return default };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == value) {
            return *choice;
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        self.wrong(variable, &format!("is {value:?}, must be one of {}", words.join(", ")));
        default
    }

    pub fn flag(&mut self, variable: &str, default: bool) -> bool {
        self.choice(variable, &[("true", true), ("false", false)], default)
    }

    pub fn number(&mut self, variable: &str, default: u64, least: u64, most: u64) -> u64 {
        let Some(value) = self.optional(variable) else { return default };
        match value.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.wrong(variable, &format!("is {value:?}, must be a whole number from {least} to {most}"));
                default
            }
        }
    }

    pub fn share(&mut self, variable: &str, default: f64) -> f64 {
        let Some(value) = self.optional(variable) else { return default };
        match value.parse() {
            Ok(share) if (0.0..=1.0).contains(&share) => share,
            _ => {
                self.wrong(variable, &format!("is {value:?}, must be a number from 0 to 1"));
                default
            }
        }
    }

    /// The value of a wrong URL is not repeated: it may hold a password.
    pub fn url(&mut self, variable: &str, schemes: &[&str]) -> Option<String> {
        let value = self.optional(variable)?;
        let scheme = |scheme: &&str| value.strip_prefix(*scheme).is_some_and(|rest| rest.starts_with("://"));
        if schemes.iter().any(scheme) && value.parse::<http::Uri>().is_ok() {
            return Some(value);
        }
        self.wrong(variable, &format!("must be a URL that begins with {}://", schemes.join(":// or ")));
        None
    }

    pub fn address(&mut self, variable: &str, default: &str) -> SocketAddr {
        let value = self.text(variable, default);
        value.parse().unwrap_or_else(|_| {
            self.wrong(variable, &format!("is {value:?}, must be an address and port like {default}"));
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })
    }

    pub fn origins(&mut self, variable: &str) -> Vec<String> {
        let value = self.text(variable, "");
        let origins: Vec<_> = value.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
        for origin in &origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?'])) {
                self.wrong(variable, &format!("{origin:?} is no origin like https://shop.example"));
            }
        }
        origins.into_iter().map(str::to_owned).collect()
    }

    pub fn secrets(&self) -> Vec<(String, Secret)> {
        let secret = |(name, value): (&String, &String)| {
            let set = name.starts_with("SECRET_") && !value.is_empty();
            set.then(|| (name.clone(), Secret::new(value.as_str())))
        };
        let mut secrets: Vec<_> = self.variables.iter().filter_map(secret).collect();
        let admin = EnvSecrets::variable(ADMIN_PASSWORD);
        if let Some(password) = self.optional("ADMIN_PASSWORD")
            && secrets.iter().all(|(name, _)| *name != admin)
        {
            secrets.push((admin, Secret::new(password)));
        }
        secrets
    }

    pub fn require_secret(&mut self, name: &str) {
        let variable = EnvSecrets::variable(name);
        if self.optional(&variable).is_none() {
            self.wrong(&variable, "must be set outside of development");
        }
    }

    pub fn refuse_default_secrets(&mut self) {
        for (name, value) in DEFAULT_SECRETS {
            let variable = EnvSecrets::variable(name);
            if self.optional(&variable).as_deref() == Some(*value) {
                self.wrong(&variable, "is the development default, which everybody knows");
            }
        }
    }

    pub fn finish<T>(self, value: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(Mistakes(self.mistakes)) }
    }
}
