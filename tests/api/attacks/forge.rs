//! Makes tokens as an attacker would, byte for byte: with keys of every kind, and with headers no library would write.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, signature};
use bharatmart_runtime::config::{DEFAULT_SECRETS, TOKEN_KEYS};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

/// A key pair with a name.
pub struct Key {
    pub kid: String,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// The one the shops of the tests sign with: that of every developer's machine.
    pub fn of_the_shop() -> Self {
        let secret = DEFAULT_SECRETS.iter().find(|(name, _)| *name == TOKEN_KEYS).unwrap().1;
        let keys: Value = serde_json::from_str(secret).unwrap();
        let seed = BASE64URL_NOPAD.decode(keys["keys"][0]["seed"].as_str().unwrap().as_bytes()).unwrap();
        let pair = Pair::Ed25519(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap());
        Key { kid: keys["keys"][0]["kid"].as_str().unwrap().to_owned(), pair }
    }

    pub fn ed25519(kid: &str) -> Self {
        Key { kid: kid.to_owned(), pair: Pair::Ed25519(Ed25519KeyPair::generate().unwrap()) }
    }

    pub fn p256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Key { kid: kid.to_owned(), pair: Pair::P256(pair) }
    }

    pub fn rsa(kid: &str) -> Self {
        Key { kid: kid.to_owned(), pair: Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) }
    }

    pub fn header(&self) -> Value {
        let alg = match self.pair {
            Pair::Ed25519(_) => "EdDSA",
            Pair::P256(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        };
        json!({ "alg": alg, "typ": "JWT", "kid": self.kid })
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&self.header(), claims)
    }

    /// Whatever the header says.
    pub fn sign_under(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ed25519(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
            Pair::P256(pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let public = self.public();
        match &self.pair {
            Pair::Ed25519(_) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": text(&public) })
            }
            Pair::P256(_) => {
                // An uncompressed point: 4, x, y.
                let (x, y) = public[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid, "x": text(x), "y": text(y) })
            }
            Pair::Rsa(_) => {
                // A sequence of two integers; of this size the modulus always stands at the same place.
                assert_eq!((public.len(), &public[265..]), (270, &[2, 3, 1, 0, 1][..]));
                json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid, "n": text(&public[9..265]), "e": "AQAB" })
            }
        }
    }

    /// As each kind of key writes itself.
    pub fn public(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::P256(pair) => signature::KeyPair::public_key(pair).as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Everything an HMAC could be keyed with that anybody can know of an Ed25519 key.
    pub fn public_in_all_spellings(&self) -> Vec<Vec<u8>> {
        let raw = self.public();
        let der = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..], &raw[..]].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", BASE64.encode(&der));
        vec![
            BASE64URL_NOPAD.encode(&raw).into_bytes(),
            BASE64.encode(&raw).into_bytes(),
            self.jwk().to_string().into_bytes(),
            format!("{pem}\n").into_bytes(),
            pem.into_bytes(),
            der,
            raw,
            Vec::new(),
        ]
    }
}

/// A token's header and claims.
pub fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

pub fn signature_of(token: &str) -> &str {
    token.rsplit_once('.').unwrap().1
}

pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
        BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
    )
}

pub fn hs256(kid: &str, claims: &Value, key: &[u8]) -> String {
    let text = unsigned(&json!({ "alg": "HS256", "typ": "JWT", "kid": kid }), claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    format!("{text}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
}

/// Claims with one of them changed, or taken away by null.
pub fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    let fields = claims.as_object_mut().unwrap();
    match value {
        Value::Null => drop(fields.remove(name)),
        value => drop(fields.insert(name.to_owned(), value)),
    }
    claims
}
