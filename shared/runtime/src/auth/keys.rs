//! The keys of access tokens: read from their secret, parsed once, and read again when a token names one that is not
//! among them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bharatmart_core::identity::{Action, Actor, AuditEntry};
use bharatmart_core::ports::{CommitError, Fault, Secret};
use bharatmart_core::{AuditId, Changes, Expect, Refusal, Tenant, Timestamp};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::config::TOKEN_KEYS;

/// A token with a key nobody knows makes a process ask for the secret anew, no more often than this.
pub(super) const ASKED_AGAIN: Duration = Duration::from_secs(10);

pub(crate) struct KeySet(Vec<Key>);

pub(super) struct Key {
    pub kid: String,
    pub pair: Ed25519KeyPair,
    pub verifying: DecodingKey,
}

/// One key is as a deployment makes it; a rotation lists the new one before it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Many { keys: Vec<WrittenKey> },
    One(WrittenKey),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    kid: String,
    seed: String,
}

impl Key {
    pub(super) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}

impl KeySet {
    /// The secret is in no error's text.
    pub(super) fn parse(secret: &Secret) -> Result<Self, Fault> {
        let broken = |what: &str| Fault::broken("secrets", format_args!("{TOKEN_KEYS}: {what}"));
        let written: Written = serde_json::from_str(secret.reveal())
            .map_err(|_| broken(r#"must be {"keys":[{"kid":"…","seed":"…"}]}"#))?;
        let written = match written {
            Written::Many { keys } => keys,
            Written::One(key) => vec![key],
        };
        let mut keys: Vec<Key> = Vec::with_capacity(written.len());
        for WrittenKey { kid, seed } in written {
            let seed = seed_of(&seed).ok_or_else(|| broken("a seed is too short"))?;
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| broken("a seed is no key"))?;
            if kid.is_empty() || keys.iter().any(|key| key.kid == kid) {
                return Err(broken("each key needs a kid of its own"));
            }
            let verifying = DecodingKey::from_ed_der(pair.public_key().as_ref());
            keys.push(Key { kid, pair, verifying });
        }
        if keys.is_empty() {
            return Err(broken("holds no key"));
        }
        Ok(KeySet(keys))
    }

    pub(super) fn signing(&self) -> &Key {
        &self.0[0]
    }

    pub(super) fn find(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.kid == kid)
    }

    pub(super) fn kids(&self) -> Vec<&str> {
        self.0.iter().map(|key| key.kid.as_str()).collect()
    }

    /// As a JWKS.
    pub fn public(&self) -> Value {
        let key = |key: &Key| {
            let x = URL_SAFE_NO_PAD.encode(key.pair.public_key());
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid, "x": x })
        };
        json!({ "keys": self.0.iter().map(key).collect::<Vec<_>>() })
    }
}

/// 32 bytes as base64url, or a text nobody can guess, as a password generator makes it.
fn seed_of(written: &str) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD.decode(written).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.or_else(|| (written.len() >= 40).then(|| Sha256::digest(written).into()))
}

/// The key set this process knows.
#[derive(Default)]
pub(crate) struct TokenKeys {
    known: Mutex<Option<(Secret, Arc<KeySet>)>>,
    /// Held while asking anew, so that many who miss a key ask once; when that was.
    asked_again: tokio::sync::Mutex<Option<Timestamp>>,
}

impl TokenKeys {
    /// And whether they are others than before.
    fn of(&self, secret: &Secret) -> Result<(Arc<KeySet>, bool), Fault> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, keys)) = known.as_ref()
            && of == secret
        {
            return Ok((keys.clone(), false));
        }
        let keys = Arc::new(KeySet::parse(secret)?);
        let changed = known.as_ref().is_some_and(|(_, former)| former.kids() != keys.kids());
        *known = Some((secret.clone(), keys.clone()));
        Ok((keys, changed))
    }
}

impl App {
    pub(crate) async fn token_keys(&self) -> Result<Arc<KeySet>, Fault> {
        let (keys, changed) = self.token_keys.of(&self.secret(TOKEN_KEYS).await?)?;
        if changed {
            self.tell_of(&keys).await;
        }
        Ok(keys)
    }

    /// With this key among them if there is such a key: one that is not known may be new.
    pub(super) async fn token_keys_with(&self, kid: &str) -> Result<Arc<KeySet>, Fault> {
        let keys = self.token_keys().await?;
        if keys.find(kid).is_some() {
            return Ok(keys);
        }
        let mut asked = self.token_keys.asked_again.lock().await;
        let keys = self.token_keys().await?;
        let now = self.clock.now();
        if keys.find(kid).is_some() || asked.is_some_and(|before| now < before.after(ASKED_AGAIN)) {
            return Ok(keys);
        }
        *asked = Some(now);
        if let Some(secrets) = &self.secrets {
            secrets.forget(TOKEN_KEYS);
        }
        self.token_keys().await
    }

    /// Every process that sees the change tells of it; the entry's id is made of the keys and the day, so that it is
    /// written once.
    async fn tell_of(&self, keys: &KeySet) {
        let Ok(store) = self.store() else { return };
        let now = self.clock.now();
        let kids = keys.kids();
        let Some(id) = entry_id(&kids, now) else { return };
        let entry =
            AuditEntry::new(Action::KeysChanged, Actor::Shop, TOKEN_KEYS, self.clock.as_ref(), self.ids.as_ref());
        let entry = AuditEntry { id, ..entry.detail("kids", kids) };
        match store.commit(Changes::new(&Tenant::main()).put(&entry, Expect::New)).await {
            Ok(()) | Err(CommitError::Refused(Refusal::Exists(_))) => {}
            Err(error) => tracing::warn!(error = %error, "that the token keys changed was not written down"),
        }
    }
}

/// As other ids it begins with its time, that of the day's beginning: processes see a change minutes apart.
fn entry_id(kids: &[&str], now: Timestamp) -> Option<AuditId> {
    const DAY: i64 = 24 * 3_600 * 1_000;
    let day = now.millis().div_euclid(DAY) * DAY;
    let digest = Sha256::digest(serde_json::to_string(kids).ok()?);
    let rest: String = digest.iter().take(9).map(|byte| format!("{byte:02x}")).collect();
    format!("{}{day:012x}7{}8{}", AuditId::PREFIX, &rest[..3], &rest[3..18]).parse().ok()
}
