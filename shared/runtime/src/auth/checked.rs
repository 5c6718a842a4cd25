//! Tokens whose signature was found good, so that it is worked out once and not with each request: that takes longer
//! than most reads. Nothing else about a token is remembered; whether its key is still one of ours, whether it has
//! expired and whom it is for is asked each time.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::keys::Key;
use super::tokens::{Claims, Refused};

/// The newer half; with the older one it is twice as many. About a megabyte.
const MOST: usize = 2_048;

/// Of the key and the whole token.
type Name = [u8; 32];

#[derive(Default)]
pub(crate) struct Checked(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    newer: HashMap<Name, Claims>,
    older: HashMap<Name, Claims>,
}

impl Halves {
    fn get(&mut self, name: &Name) -> Option<Claims> {
        if let Some(claims) = self.newer.get(name) {
            return Some(claims.clone());
        }
        let claims = self.older.remove(name)?;
        self.put(*name, claims.clone());
        Some(claims)
    }

    /// Whoever was not asked for while a half filled is forgotten.
    fn put(&mut self, name: Name, claims: Claims) {
        if self.newer.len() >= MOST {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(name, claims);
    }
}

impl Checked {
    /// What `verify` says of the token under this key, or said before. A bad one is asked for each time: else whoever
    /// makes them up would push the good ones out.
    pub(super) fn claims(
        &self,
        key: &Key,
        token: &str,
        verify: impl FnOnce() -> Result<Claims, Refused>,
    ) -> Result<Claims, Refused> {
        let name: Name = Sha256::new().chain_update(key.public()).chain_update(token).finalize().into();
        if let Some(claims) = self.halves().get(&name) {
            return Ok(claims);
        }
        let claims = verify()?;
        self.halves().put(name, claims.clone());
        Ok(claims)
    }

    fn halves(&self) -> std::sync::MutexGuard<'_, Halves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bharatmart_adapters::system::System;
    use bharatmart_core::{Role, SessionId, Tenant, UserId};

    use super::*;

    fn claims() -> Claims {
        let (iss, aud) = ("shop".to_owned(), "api".to_owned());
        let (sub, sid) = (UserId::new(&System), SessionId::new(&System));
        Claims { iss, aud, sub, sid, role: Role::Customer, tenant: Tenant::main(), iat: 0, nbf: 0, exp: 1 }
    }

    fn name(nth: usize) -> Name {
        Sha256::digest(nth.to_le_bytes()).into()
    }

    #[test]
    fn it_does_not_grow_and_keeps_whoever_comes_again() {
        let mut halves = Halves::default();
        for nth in 0..10 * MOST {
            halves.put(name(nth), claims());
            assert!(halves.get(&name(0)).is_some(), "{nth}");
        }
        assert!(halves.newer.len() + halves.older.len() <= 2 * MOST);
        assert!(halves.get(&name(1)).is_none());
    }
}
