//! Passwords: which are good enough, how they are kept (argon2id, as a PHC string), and whether one is right.
//! Dear by intent: the runtime runs `hash` and `check` off its async threads.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};

use super::common_passwords;
use crate::check::Invalid;
use crate::ports::Random;

/// 19 MiB, two passes, one lane: what OWASP asks for. A hash made with other figures is renewed at the next login.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const SHORTEST: usize = 8;
/// In characters. Longer is refused before any of it is hashed.
pub const LONGEST: usize = 128;

/// A password that is good enough to be set.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// `about` is what everybody knows of its owner: name and e-mail address.
    pub fn parse(text: &str, about: &[&str]) -> Result<Self, Invalid> {
        // A character has at most four bytes, so that of a long text only the length is looked at.
        let count = if text.len() > 4 * LONGEST { text.len() } else { text.chars().count() };
        if !(SHORTEST..=LONGEST).contains(&count) {
            let message = format!("must be {SHORTEST} to {LONGEST} characters");
            return Err(Invalid::new("invalid_length", message));
        }
        if common_passwords::is_common(text) {
            return Err(Invalid::new("common_password", "is among the first that are guessed; choose another"));
        }
        if about.iter().any(|known| is_of(text, known)) {
            return Err(Invalid::new("guessable_password", "must not be the name or the e-mail address"));
        }
        Ok(NewPassword(text.to_owned()))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The name or address itself, in any case and spacing, or what stands before the address's @.
fn is_of(password: &str, known: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    let (password, known) = (plain(password), plain(known));
    password == known || known.split_once('@').is_some_and(|(local, _)| password == local)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCheck {
    pub right: bool,
    /// It is right, and its hash was made with other figures than today's: make it anew.
    pub rehash: bool,
}

impl PasswordCheck {
    const WRONG: PasswordCheck = PasswordCheck { right: false, rehash: false };
}

fn params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default()
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params())
}

/// A PHC string: algorithm, parameters, salt and hash.
pub fn hash(password: &str, random: &dyn Random) -> String {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    // These parameters and this salt are good ones; what is left is want of memory, which ends a process anyhow.
    let made = argon2().hash_password_with_salt(password.as_bytes(), &salt);
    made.unwrap_or_else(|error| panic!("a password could not be hashed: {error}")).to_string()
}

/// Hashes exactly once, whether or not there is a hash to compare with: the time tells nobody which accounts exist.
pub fn check(password: &str, hash: Option<&str>) -> PasswordCheck {
    let possible = password.len() <= 4 * LONGEST;
    let kept = hash.filter(|_| possible).and_then(|hash| PasswordHash::new(hash).ok());
    let Some(kept) = kept else {
        spend(if possible { password } else { "" });
        return PasswordCheck::WRONG;
    };
    match argon2().verify_password(password.as_bytes(), &kept) {
        Ok(()) => PasswordCheck { right: true, rehash: !is_of_today(&kept) },
        Err(_) => PasswordCheck::WRONG,
    }
}

/// The same work for nothing.
fn spend(password: &str) {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let spent = argon2().hash_password_into(password.as_bytes(), b"no account, salt", &mut out);
    std::hint::black_box((spent.is_ok(), out));
}

fn is_of_today(kept: &PasswordHash) -> bool {
    let figures = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost(), params.output_len());
    let made_with = Params::try_from(kept).map(|made| figures(&made));
    let today = (MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN));
    kept.algorithm == Algorithm::Argon2id.ident() && made_with.is_ok_and(|made| made == today)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Salt(u8);

    impl Random for Salt {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_password_is_right_only_for_its_own_hash_and_no_two_hashes_are_alike() {
        let kept = hash("dharma-lamp-42", &Salt(1));
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(check("dharma-lamp-42", Some(&kept)), PasswordCheck { right: true, rehash: false });
        assert_eq!(check("dharma-lamp-43", Some(&kept)), PasswordCheck::WRONG);
        assert_ne!(kept, hash("dharma-lamp-42", &Salt(2)));
    }

    #[test]
    fn without_an_account_or_a_readable_hash_a_password_is_wrong() {
        for hash in [None, Some(""), Some("$argon2id$v=19$m=19456"), Some("dharma-lamp-42")] {
            assert_eq!(check("dharma-lamp-42", hash), PasswordCheck::WRONG);
        }
        assert_eq!(check("", None), PasswordCheck::WRONG);
        assert_eq!(check(&"a".repeat(1_000_000), Some(&hash("", &Salt(1)))), PasswordCheck::WRONG);
    }

    #[test]
    fn a_hash_made_with_other_figures_is_right_and_asks_to_be_renewed() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let kept = weak.hash_password_with_salt(b"dharma-lamp-42", &[1; 16]).unwrap().to_string();
        assert_eq!(check("dharma-lamp-42", Some(&kept)), PasswordCheck { right: true, rehash: true });
        assert_eq!(check("dharma-lamp-43", Some(&kept)), PasswordCheck::WRONG);
    }

    #[test]
    fn a_password_is_8_to_128_characters_of_any_script() {
        let code = |text: &str| NewPassword::parse(text, &[]).map(|_| "").unwrap_or_else(|invalid| invalid.code);
        assert_eq!(code("kq7-vme"), "invalid_length");
        assert_eq!(code("kq7-vmex"), "");
        assert_eq!(code(&"kq7-vmex".repeat(16)), "");
        assert_eq!(code(&"kq7-vmex".repeat(16).replacen('k', "kk", 1)), "invalid_length");
        assert_eq!(code(&"दीपक-ज्योति-२".repeat(8)), "");
        assert_eq!(code(&"a".repeat(1_000_000)), "invalid_length");
    }

    #[test]
    fn a_password_is_not_what_everybody_knows_of_its_owner() {
        let about = ["Asha Raojadhav", "asha.raojadhav@example.in"];
        for known in ["Asha Raojadhav", "asharaojadhav", "ASHA.RAOJADHAV@example.in", "asha.raojadhav"] {
            assert_eq!(NewPassword::parse(known, &about).unwrap_err().code, "guessable_password", "{known}");
        }
        assert!(NewPassword::parse("asha-raojadhav-reads", &about).is_ok());
        assert_eq!(format!("{:?}", NewPassword::parse("asha-reads-9", &about).unwrap()), "***");
    }
}
