//! How identity's secrets are made, kept and compared: random, as a hash, in a time that tells nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ports::Random;

/// Characters of 32 bytes in base64url.
pub(super) const SECRET_LENGTH: usize = 43;

/// 32 random bytes in base64url: nobody guesses it, however often they try.
pub(super) fn random_secret(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 in hex of the parts, each ended so that none runs into the next.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            digest.update([0]);
        }
        digest.update(part.as_bytes());
    }
    HEXLOWER.encode(&digest.finalize())
}

/// HMAC-SHA-256 in base64url of a text for one purpose.
pub(crate) fn keyed(key: &[u8], purpose: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// In constant time for texts of one length; of which length a secret is, is no secret.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
