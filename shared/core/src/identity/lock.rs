//! The lock after wrong passwords: its figures, and the names of its counters. It counts by whom somebody wants to be
//! and from where, so that nobody can lock another out from elsewhere; whether there is such an account plays no part.

use std::time::Duration;

use super::digest;

/// So many wrong passwords, and the next is not looked at.
pub const WRONG_PASSWORDS: u64 = 5;
/// How long wrong passwords are remembered, and how long a lock lasts.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Wrong codes of a second factor for one account, however many logins they are spread over.
pub const WRONG_CODES: u64 = 10;

/// Links that may be asked for by one account, and that are sent to one address, whoever asks.
pub const SENDS: u64 = 5;
pub const SENDS_WINDOW: Duration = Duration::from_secs(3600);

/// The two counters of one identifier and address. The identifier is hashed: a counter's name is no place for an e-mail
/// address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub tries: String,
    /// Above nought while locked: from the last wrong password on, not the first.
    pub locked: String,
}

impl Lock {
    /// `identifier` as its type writes it, so that one account has one spelling.
    pub fn of(identifier: &str, address: &str) -> Self {
        let whom = digest::hash(&[identifier]);
        Lock { tries: format!("login/{whom}/{address}"), locked: format!("lock/{whom}/{address}") }
    }
}

pub fn second_factor_counter(user: crate::UserId) -> String {
    format!("second_factor/{user}")
}

pub fn otp_sends_counter(phone: &str) -> String {
    format!("otp_sends/{}", digest::hash(&[phone]))
}

pub fn email_sends_counter(user: crate::UserId) -> String {
    format!("email_sends/{user}")
}

pub fn address_sends_counter(email: &str) -> String {
    format!("address_sends/{}", digest::hash(&[email]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_of_one_identifier_and_one_address_and_names_neither_in_clear() {
        let lock = Lock::of("asha@example.in", "203.0.113.7");
        assert_ne!(lock, Lock::of("asha@example.in", "203.0.113.8"));
        assert_ne!(lock, Lock::of("ravi@example.in", "203.0.113.7"));
        assert_ne!(lock.tries, lock.locked);
        assert!(!lock.tries.contains("asha") && !address_sends_counter("asha@example.in").contains("asha"));
    }
}
