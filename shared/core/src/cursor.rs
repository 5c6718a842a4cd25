//! Pages: how many rows, and a signed cursor that says where the next page begins.
//! A cursor holds the sort key of the last row (keyset), never an offset.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::check::Invalid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageSize(u16);

impl PageSize {
    pub const DEFAULT: PageSize = PageSize(20);
    pub const MAX: PageSize = PageSize(100);

    pub fn parse(rows: u64) -> Result<Self, Invalid> {
        match rows {
            1..=100 => Ok(PageSize(rows as u16)),
            _ => Err(Invalid::new("out_of_range", "must be 1 to 100")),
        }
    }

    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// Signs cursors. Every function of a deployment holds the same key.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

impl CursorKey {
    pub fn new(secret: &[u8]) -> Self {
        // HMAC takes a key of any length.
        CursorKey(Hmac::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes any key")))
    }

    fn sign(&self, list: &str, payload: &[u8]) -> [u8; 16] {
        let mut mac = self.0.clone();
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        tag
    }
}

pub struct Cursor;

impl Cursor {
    /// `list` names what is paged through, filters and sort included: a cursor of one list is refused by another.
    pub fn seal<T: Serialize>(key: &CursorKey, list: &str, position: &T) -> String {
        let payload = serde_json::to_vec(position).unwrap_or_default();
        let mut bytes = key.sign(list, &payload).to_vec();
        bytes.extend_from_slice(&payload);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn open<T: DeserializeOwned>(key: &CursorKey, list: &str, cursor: &str) -> Result<T, Invalid> {
        let refused = || Invalid::new("invalid_cursor", "must be a next_cursor of this very list");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let (tag, payload) = bytes.split_at_checked(16).ok_or_else(refused)?;
        let expected = key.sign(list, payload);
        // Constant time: the tag is a secret until it is known to be right.
        let differ = expected.iter().zip(tag).fold(0, |all, (a, b)| all | (a ^ b));
        if differ != 0 {
            return Err(refused());
        }
        serde_json::from_slice(payload).map_err(|_| refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_unchanged_and_for_its_own_list() {
        let key = CursorKey::new(b"secret");
        let cursor = Cursor::seal(&key, "products?sort=price", &(4999, "prd_1".to_owned()));
        let open = |list, cursor: &str| Cursor::open::<(i64, String)>(&key, list, cursor);
        assert_eq!(open("products?sort=price", &cursor).unwrap(), (4999, "prd_1".to_owned()));
        assert_eq!(open("products?sort=name", &cursor).unwrap_err().code, "invalid_cursor");
        for i in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let tampered = String::from_utf8(bytes).unwrap();
            assert!(tampered == cursor || open("products?sort=price", &tampered).is_err(), "{tampered}");
        }
        assert!(open("products?sort=price", "").is_err());
    }
}
