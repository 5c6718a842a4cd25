//! What a database's URL says beyond the words tokio-postgres knows: how much TLS, and whether a pooler stands between.

use std::path::PathBuf;

use bharatmart_core::ports::Fault;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::trouble::chain;
use crate::sql::PORT;

/// Supabase's pooler hands each transaction to another server connection at this port.
const SUPABASE_TRANSACTION_POOLER: u16 = 6543;

#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// Prepared statements live in a connection; a pooler that changes it between transactions loses them.
    pub(super) prepared: bool,
}

/// As in libpq: `require` keeps listeners out, `verify-full` also an impostor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Off,
    Unverified,
    /// By the authorities in this file, or those of the system.
    Verified(Option<PathBuf>),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Fault> {
        let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut known = Vec::new();
        let (mut sslmode, mut authorities, mut pooler) = ("disable", None, None);
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("sslmode", mode) => sslmode = mode,
                ("sslrootcert", file) => authorities = Some(PathBuf::from(file)),
                ("pgbouncer", yes) => pooler = Some(yes == "true"),
                _ => known.push(parameter),
            }
        }
        let parsed = format!("{place}?{}", known.join("&")).parse::<Config>();
        let mut config = parsed.map_err(|error| Fault::broken(PORT, chain(&error)))?;
        let (mode, tls) = match sslmode {
            "disable" | "allow" => (SslMode::Disable, Tls::Off),
            "prefer" => (SslMode::Prefer, Tls::Unverified),
            // An authority is given to be asked, whatever the mode is called; so does libpq.
            "require" if authorities.is_none() => (SslMode::Require, Tls::Unverified),
            "require" | "verify-ca" | "verify-full" => (SslMode::Require, Tls::Verified(authorities)),
            other => return Err(Fault::broken(PORT, format_args!("sslmode={other} is none of PostgreSQL's"))),
        };
        config.ssl_mode(mode);
        let pooler = pooler.unwrap_or_else(|| config.get_ports().contains(&SUPABASE_TRANSACTION_POOLER));
        Ok(Address { config, tls, prepared: !pooler })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &str) -> Address {
        Address::parse(&format!("postgres://shop:pass@127.0.0.1:5432/shop{parameters}")).unwrap()
    }

    #[test]
    fn tls_is_as_strict_as_the_url_asks() {
        assert_eq!(parse("").tls, Tls::Off);
        assert_eq!(parse("?sslmode=require").tls, Tls::Unverified);
        assert_eq!(parse("?sslmode=require").config.get_ssl_mode(), SslMode::Require);
        assert_eq!(parse("?sslmode=verify-full").tls, Tls::Verified(None));
        let file = Some(PathBuf::from("/etc/supabase.crt"));
        assert_eq!(parse("?sslmode=require&sslrootcert=/etc/supabase.crt").tls, Tls::Verified(file));
        assert!(Address::parse("postgres://127.0.0.1/shop?sslmode=yes").is_err());
    }

    #[test]
    fn behind_a_pooler_nothing_is_prepared() {
        assert!(parse("").prepared);
        assert!(!parse("?pgbouncer=true&application_name=shop").prepared);
        let supabase = "postgres://postgres.ref:pass@aws-0-ap-south-1.pooler.supabase.com:6543/postgres";
        assert!(!Address::parse(supabase).unwrap().prepared);
    }

    #[test]
    fn a_word_nobody_knows_is_named_and_the_password_is_not() {
        let error = Address::parse("postgres://shop:hunter2@127.0.0.1/shop?colour=blue").unwrap_err().to_string();
        assert!(error.contains("colour") && !error.contains("hunter2"), "{error}");
    }
}
