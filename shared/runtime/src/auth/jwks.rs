//! An outside issuer's keys. Each is for one algorithm, whatever a token says of its own: a public key is no secret to
//! check an HMAC by, and what is no signing key of the three kinds is passed over.

use bharatmart_core::ports::Fault;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::fetch::PORT;

pub(super) struct OutsideKeys(Vec<OutsideKey>);

pub(super) struct OutsideKey {
    kid: String,
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    for_use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl OutsideKeys {
    pub fn parse(jwks: &[u8]) -> Result<Self, Fault> {
        let set: Set = serde_json::from_slice(jwks).map_err(|error| Fault::away(PORT, error))?;
        Ok(OutsideKeys(set.keys.into_iter().filter_map(read).collect()))
    }

    pub fn find(&self, kid: &str) -> Option<&OutsideKey> {
        self.0.iter().find(|key| key.kid == kid)
    }
}

fn read(jwk: Value) -> Option<OutsideKey> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    if jwk.for_use.is_some_and(|for_use| for_use != "sig") {
        return None;
    }
    let (name, algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => ("RS256", Algorithm::RS256, DecodingKey::from_rsa_components(&jwk.n?, &jwk.e?)),
        ("EC", Some("P-256")) => ("ES256", Algorithm::ES256, DecodingKey::from_ec_components(&jwk.x?, &jwk.y?)),
        ("OKP", Some("Ed25519")) => ("EdDSA", Algorithm::EdDSA, DecodingKey::from_ed_components(&jwk.x?)),
        _ => return None,
    };
    if jwk.alg.is_some_and(|alg| alg != name) {
        return None;
    }
    Some(OutsideKey { kid: jwk.kid, algorithm, key: key.ok()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_that_signs_nothing_we_take_is_passed_over() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwks = json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "good", "x": x, "use": "sig" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "sealing", "x": x, "use": "enc" },
            { "kty": "OKP", "crv": "X25519", "kid": "exchange", "x": x },
            { "kty": "oct", "kid": "shared", "k": x, "alg": "HS256" },
            { "kty": "RSA", "kid": "pss", "n": x, "e": "AQAB", "alg": "PS256" },
            { "kty": "RSA", "kid": "half", "n": x },
            { "kty": "OKP", "crv": "Ed25519", "x": x },
            "no key at all",
        ]});
        let keys = OutsideKeys::parse(jwks.to_string().as_bytes()).unwrap();
        let known: Vec<_> = keys.0.iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(known, ["good"]);
        assert!(OutsideKeys::parse(b"<html>").is_err());
    }
}
