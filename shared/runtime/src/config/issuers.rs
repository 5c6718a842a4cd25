//! Outside issuers whose tokens the shop takes: `OIDC_ISSUERS`, a JSON list.

use std::collections::BTreeMap;

use bharatmart_core::{Role, Tenant};
use serde::Deserialize;

use super::reader::Reader;

/// One of them, a realm of Keycloak or a user pool of Cognito, say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// As its tokens call it.
    pub issuer: String,
    /// Whom its tokens must be for.
    pub audience: String,
    pub jwks_url: String,
    /// The one shop of the deployment that its tokens are good for.
    #[serde(default)]
    pub tenant: Tenant,
    /// Where its tokens name roles, a claim or a path of them: `realm_access.roles`.
    pub role_claim: Option<String>,
    /// Its roles and the shop's; who has none of them is a customer.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
}

pub(super) fn read(read: &mut Reader, private: bool, public_url: &str) -> Vec<Issuer> {
    const VARIABLE: &str = "OIDC_ISSUERS";
    let Some(text) = read.optional(VARIABLE) else { return Vec::new() };
    let issuers: Vec<Issuer> = match serde_json::from_str(&text) {
        Ok(issuers) => issuers,
        Err(error) => {
            read.wrong(VARIABLE, &format!("must be a JSON list of issuers: {error}"));
            return Vec::new();
        }
    };
    for (place, issuer) in issuers.iter().enumerate() {
        if !fetchable(&issuer.jwks_url, private) {
            read.wrong(VARIABLE, &format!("jwks_url of {:?} must be an https URL", issuer.issuer));
        }
        if issuer.issuer.is_empty() || issuer.audience.is_empty() {
            read.wrong(VARIABLE, "each issuer needs its issuer and its audience");
        }
        if issuer.tenant != Tenant::main() && read.optional("TENANT_DOMAIN").is_none() {
            let problem = format!("there is no shop {} without TENANT_DOMAIN", issuer.tenant);
            read.wrong(VARIABLE, &problem);
        }
        if issuer.issuer == public_url {
            read.wrong(VARIABLE, &format!("{public_url:?} is the shop itself"));
        }
        if issuers[..place].iter().any(|other| other.issuer == issuer.issuer) {
            read.wrong(VARIABLE, &format!("{:?} is listed twice", issuer.issuer));
        }
    }
    issuers
}

/// In the clear only on this machine, and where nobody else can reach the shop.
fn fetchable(url: &str, private: bool) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else { return false };
    let here = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme_str() {
        Some("https") => true,
        Some("http") => private || here,
        _ => false,
    }
}
