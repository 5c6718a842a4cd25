//! The second factor at the door: a code of the app, or one of the recovery codes, each used up by being right.

use super::user::Mfa;
use super::{recovery, totp};
use crate::ids::UserId;
use crate::time::Timestamp;

/// What the app's secret is sealed for: it opens for this account alone.
pub fn vault_purpose(user: UserId) -> String {
    format!("totp/{user}")
}

/// The second factor after this code was used; `None` when it is not a right one. `secret` is the opened one.
pub fn used(mfa: &Mfa, user: UserId, secret: &[u8], code: &str, now: Timestamp) -> Option<Mfa> {
    if let Some(last_step) = totp::accept(secret, code, mfa.last_step, now) {
        return Some(Mfa { last_step, ..mfa.clone() });
    }
    recovery::used(&mfa.recovery, user, code).map(|recovery| Mfa { recovery, ..mfa.clone() })
}
