//! Sealing by AES-256-GCM under the keys of one secret: lines or a list with commas, newest first. The newest seals;
//! each opens what it sealed, so a key is rotated by putting a new one before it.
//!
//! Sealed is `v1.<key id>.<nonce, ciphertext and tag in base64url>`. The id tells which key it was and nothing else
//! of it; the purpose is bound to the ciphertext and is not in it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bharatmart_core::ports::{Secret, Vault, VaultError};
use sha2::{Digest, Sha256};

const FORM: &str = "v1";

pub struct AesVault {
    newest: Key,
    former: Vec<Key>,
}

struct Key {
    id: String,
    key: RandomizedNonceKey,
}

impl fmt::Debug for AesVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesVault({} keys)", 1 + self.former.len())
    }
}

impl AesVault {
    /// `VaultError::Key` when no key is listed.
    pub fn new(keys: &Secret) -> Result<Self, VaultError> {
        let texts = keys.reveal().split(['\n', ',']).map(str::trim).filter(|text| !text.is_empty());
        let mut keys = texts.map(Key::stretched);
        let newest = keys.next().ok_or(VaultError::Key)??;
        Ok(AesVault { newest, former: keys.collect::<Result<_, _>>()? })
    }

    fn key(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.newest).chain(&self.former).find(|key| key.id == id)
    }
}

impl Key {
    /// A text of any length becomes a key of the right one.
    fn stretched(text: &str) -> Result<Self, VaultError> {
        let bytes = Sha256::digest(text);
        let named = Sha256::digest(bytes);
        let id = named.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| VaultError::Key)?;
        Ok(Key { id, key })
    }
}

impl Vault for AesVault {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String, VaultError> {
        let Key { id, key } = &self.newest;
        let mut sealed = plain.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(purpose), &mut sealed).map_err(|_| VaultError::Key)?;
        let whole = [nonce.as_ref().as_slice(), &sealed].concat();
        Ok(format!("{FORM}.{id}.{}", URL_SAFE_NO_PAD.encode(whole)))
    }

    fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let mut parts = sealed.split('.');
        let (Some(FORM), Some(id), Some(text), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(VaultError::NotOurs);
        };
        let key = self.key(id).ok_or(VaultError::NotOurs)?;
        let whole = URL_SAFE_NO_PAD.decode(text).map_err(|_| VaultError::NotOurs)?;
        let (nonce, sealed) = whole.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::NotOurs)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key.key.open_in_place(nonce, Aad::from(purpose), &mut sealed);
        plain.map(|plain| plain.to_vec()).map_err(|_| VaultError::NotOurs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &str) -> AesVault {
        AesVault::new(&Secret::new(keys)).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_and_looks_different_each_time() {
        let vault = vault("a key");
        let [once, again] = [(); 2].map(|()| vault.seal("mfa/1", b"secret").unwrap());
        assert_ne!(once, again);
        assert!(once.starts_with("v1.") && !once.contains("secret"), "{once}");
        assert_eq!(vault.open("mfa/1", &once).unwrap(), b"secret");
        assert_eq!(vault.open("mfa/1", &again).unwrap(), b"secret");
    }

    #[test]
    fn for_another_purpose_it_does_not_open() {
        let vault = vault("a key");
        let sealed = vault.seal("mfa/1", b"secret").unwrap();
        assert_eq!(vault.open("mfa/2", &sealed), Err(VaultError::NotOurs));
    }

    #[test]
    fn a_changed_text_does_not_open_wherever_it_was_changed() {
        let vault = vault("a key");
        let sealed = vault.seal("mfa/1", b"secret").unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(vault.open("mfa/1", &changed), Err(VaultError::NotOurs), "{changed}");
            assert_eq!(vault.open("mfa/1", &sealed[..place]), Err(VaultError::NotOurs));
        }
    }

    #[test]
    fn a_former_key_still_opens_and_one_that_is_gone_does_not() {
        let sealed = vault("old").seal("mfa/1", b"secret").unwrap();
        let rotated = vault("new, old");
        assert_eq!(rotated.open("mfa/1", &sealed).unwrap(), b"secret");
        let anew = rotated.seal("mfa/1", b"secret").unwrap();
        assert_eq!(vault("new").open("mfa/1", &anew).unwrap(), b"secret");
        assert_eq!(vault("new").open("mfa/1", &sealed), Err(VaultError::NotOurs));
    }

    #[test]
    fn a_secret_without_a_key_is_told() {
        assert_eq!(AesVault::new(&Secret::new(" ,\n")).unwrap_err(), VaultError::Key);
    }
}
