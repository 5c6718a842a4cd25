//! A secret that was sent to somebody, or is held for the second step of a login: one of a purpose and target at a time,
//! used once, tried a few times. How it is sent and what it opens are not told here.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::digest::{self, SECRET_LENGTH};
use super::user::User;
use crate::changes::{Changes, Expect};
use crate::ids::UserId;
use crate::ports::Random;
use crate::record::{Kind, Record, RecordKey};
use crate::time::Timestamp;

pub static CODE: Kind = Kind { name: "code", within: None, id: "id", listed_by: None, listed: false };

const OTP_DIGITS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Six digits to a phone.
    PhoneLogin,
    /// A link to an e-mail address.
    VerifyEmail,
    ResetPassword,
    /// Six digits to the phone of an order that is paid at the door.
    CashOnDelivery,
    /// Held between the password and the second factor.
    SecondFactor,
}

impl Purpose {
    pub const ALL: &'static [Purpose] = &[
        Purpose::PhoneLogin,
        Purpose::VerifyEmail,
        Purpose::ResetPassword,
        Purpose::CashOnDelivery,
        Purpose::SecondFactor,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Purpose::PhoneLogin => "phone_login",
            Purpose::VerifyEmail => "verify_email",
            Purpose::ResetPassword => "reset_password",
            Purpose::CashOnDelivery => "cash_on_delivery",
            Purpose::SecondFactor => "second_factor",
        }
    }

    pub const fn life(self) -> Duration {
        Duration::from_secs(match self {
            Purpose::PhoneLogin | Purpose::CashOnDelivery | Purpose::SecondFactor => 300,
            Purpose::VerifyEmail => 24 * 3600,
            Purpose::ResetPassword => 3600,
        })
    }

    /// `None` where the secret is too long to be guessed: a limit would only let a stranger use up another's link.
    pub const fn tries(self) -> Option<u32> {
        match self {
            Purpose::PhoneLogin | Purpose::CashOnDelivery => Some(3),
            Purpose::SecondFactor => Some(5),
            Purpose::VerifyEmail | Purpose::ResetPassword => None,
        }
    }

    /// Whether the secret is digits that a person reads and types; else it is a token in a link.
    pub const fn is_typed(self) -> bool {
        matches!(self, Purpose::PhoneLogin | Purpose::CashOnDelivery)
    }

    /// The id of the one code of this purpose for `what`: a phone, a user's id, an order's.
    pub fn id(self, what: impl fmt::Display) -> String {
        format!("{}/{what}", self.name())
    }

    /// Of the code for `what`.
    pub fn key(self, what: impl fmt::Display) -> RecordKey {
        RecordKey::alone(self.id(what))
    }
}

/// Its version starts at the millisecond it was made, not at 1: so a try of a code that has gone can never be taken for
/// a write of its successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// `<purpose>/<what it is for>`: a newer one takes the place of an older.
    pub id: String,
    pub version: u64,
    pub purpose: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The phone or e-mail address it was sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// SHA-256 of the secret, salted with the id.
    pub hash: String,
    /// Tries so far, counted before each is looked at.
    pub tries: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Record for Code {
    const KIND: &'static Kind = &CODE;
}

/// What a code is made for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub purpose: Purpose,
    /// What names it among those of its purpose.
    pub what: &'a str,
    pub user_id: Option<UserId>,
    pub target: Option<&'a str>,
}

/// A code on its way out: what is kept, and the secret, which is never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    pub code: Code,
    /// Six digits for a phone; else a token that names its code.
    pub secret: String,
    expect: Expect,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("code", &self.code).finish_non_exhaustive()
    }
}

impl Issued {
    pub fn put(&self, changes: Changes) -> Changes {
        changes.put(&self.code, self.expect)
    }
}

/// Takes the place of `older`, the code of the same id that the store has.
pub fn make(wanted: &Wanted<'_>, older: Option<&Code>, now: Timestamp, random: &dyn Random) -> Issued {
    let id = wanted.purpose.id(wanted.what);
    let typed = wanted.purpose.is_typed();
    let secret = if typed { digits(random) } else { digest::random_secret(random) };
    let (version, expect) = match older {
        Some(older) => (older.version + 1, Expect::Version(older.version)),
        None => (now.millis().max(1) as u64, Expect::New),
    };
    let code = Code {
        version,
        purpose: wanted.purpose,
        user_id: wanted.user_id,
        target: wanted.target.map(str::to_owned),
        hash: digest::hash(&[&id, &secret]),
        tries: 0,
        created_at: now,
        expires_at: now.after(wanted.purpose.life()),
        id,
    };
    let secret = if typed { secret } else { format!("{}.{secret}", URL_SAFE_NO_PAD.encode(&code.id)) };
    Issued { code, secret, expect }
}

/// Each of the million as likely as any other: what lies above the last full million is drawn again.
fn digits(random: &dyn Random) -> String {
    const BOUND: u32 = 10_u32.pow(OTP_DIGITS as u32);
    const FULL: u32 = u32::MAX - u32::MAX % BOUND;
    loop {
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        let drawn = u32::from_le_bytes(bytes);
        if drawn < FULL {
            return format!("{:0width$}", drawn % BOUND, width = OTP_DIGITS);
        }
    }
}

/// What may be done with a code that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Try {
    /// Commit this (`put_try`), then compare. Of any number at once only the permitted get so far.
    Counted(Code),
    Exceeded,
    Expired,
}

impl Code {
    pub fn key(&self) -> RecordKey {
        RecordKey::alone(&self.id)
    }

    /// One more try.
    pub fn count_try(&self, now: Timestamp) -> Try {
        if self.expires_at <= now {
            return Try::Expired;
        }
        if self.purpose.tries().is_some_and(|most| self.tries >= most) {
            return Try::Exceeded;
        }
        Try::Counted(Code { tries: self.tries.saturating_add(1), version: self.version + 1, ..self.clone() })
    }

    /// Writes a try that was counted: refused when another was counted in between.
    pub fn put_try(&self, changes: Changes) -> Changes {
        changes.put(self, Expect::Version(self.version - 1))
    }

    /// Whether its account's sessions would hold that began when it was asked for. A link of before the password was
    /// changed, or all sessions ended, may lie in a mailbox somebody else reads.
    pub fn holds(&self, user: &User) -> bool {
        self.user_id == Some(user.id) && self.created_at >= user.sessions_since
    }

    /// Whether these are the digits, or this the token's secret.
    pub fn matches(&self, secret: &str) -> bool {
        digest::same(&digest::hash(&[&self.id, secret]), &self.hash)
    }
}

/// A token as it was presented: which code it is of, and the secret to compare.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub id: String,
    pub secret: String,
}

impl Token {
    /// `None` when it cannot be a token of this purpose.
    pub fn parse(text: &str, purpose: Purpose) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        let id = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let named = id.strip_prefix(purpose.name()).and_then(|rest| rest.strip_prefix('/'));
        let good = named.is_some_and(|what| !what.is_empty() && what.len() <= 128) && secret.len() == SECRET_LENGTH;
        good.then(|| Token { id, secret: secret.to_owned() })
    }

    pub fn key(&self) -> RecordKey {
        RecordKey::alone(&self.id)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Chance;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn otp(older: Option<&Code>, chance: &Chance) -> Issued {
        let phone = "+919876543210";
        make(
            &Wanted { purpose: Purpose::PhoneLogin, what: phone, user_id: None, target: Some(phone) },
            older,
            NOW,
            chance,
        )
    }

    fn counted(code: &Code) -> Code {
        match code.count_try(NOW) {
            Try::Counted(code) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_code_is_six_digits_evenly_spread_and_kept_only_as_a_hash() {
        let chance = Chance::new(1);
        let mut first_digits = [0_u32; 10];
        for _ in 0..2_000 {
            let issued = otp(None, &chance);
            assert!(issued.secret.len() == 6 && issued.secret.bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(issued.code.hash.len(), 64);
            assert!(issued.code.matches(&issued.secret) && !issued.code.matches("12345"));
            first_digits[usize::from(issued.secret.as_bytes()[0] - b'0')] += 1;
        }
        assert!(first_digits.iter().all(|count| (140..260).contains(count)), "{first_digits:?}");
    }

    #[test]
    fn what_would_favour_low_numbers_is_drawn_again() {
        let chance = Chance::fixed(vec![0xff, 0xff, 0xff, 0xff, 41, 0, 0, 0]);
        assert_eq!(digits(&chance), "000041");
    }

    #[test]
    fn three_tries_and_no_more() {
        let mut code = otp(None, &Chance::new(2)).code;
        for _ in 0..3 {
            code = counted(&code);
        }
        assert_eq!(code.count_try(NOW), Try::Exceeded);
        assert_eq!((code.tries, code.version), (3, NOW.millis() as u64 + 3));
    }

    #[test]
    fn a_code_lives_five_minutes() {
        let code = otp(None, &Chance::new(3)).code;
        assert!(matches!(code.count_try(NOW.after(Duration::from_millis(299_999))), Try::Counted(_)));
        assert_eq!(code.count_try(NOW.after(Duration::from_secs(300))), Try::Expired);
    }

    #[test]
    fn a_newer_code_takes_the_place_of_the_older_and_starts_counting_anew() {
        let chance = Chance::new(4);
        let older = otp(None, &chance);
        let tried = counted(&older.code);
        let newer = otp(Some(&tried), &chance);
        assert_eq!((newer.code.id.as_str(), newer.code.tries), (tried.id.as_str(), 0));
        assert_eq!((newer.code.version, newer.expect), (tried.version + 1, Expect::Version(tried.version)));
        assert!(!newer.code.matches(&older.secret));
    }

    #[test]
    fn a_token_names_its_code_and_is_of_one_purpose() {
        let wanted =
            Wanted { purpose: Purpose::ResetPassword, what: "usr_1", user_id: None, target: Some("a@b.example") };
        let issued = make(&wanted, None, NOW, &Chance::new(5));
        let token = Token::parse(&issued.secret, Purpose::ResetPassword).unwrap();
        assert_eq!(token.id, "reset_password/usr_1");
        assert!(issued.code.matches(&token.secret));
        assert_eq!(Token::parse(&issued.secret, Purpose::VerifyEmail), None);
        assert_eq!(Token::parse("reset_password/usr_1.x", Purpose::ResetPassword), None);
        assert!(!format!("{issued:?}{token:?}").contains(&token.secret));
    }

    /// The same digits are drawn for each: what parts them is what they are for.
    #[test]
    fn a_code_at_the_door_is_of_one_order_and_logs_nobody_in() {
        let phone = "+919876543210";
        let issued = |purpose, what| {
            let wanted = Wanted { purpose, what, user_id: None, target: Some(phone) };
            make(&wanted, None, NOW, &Chance::fixed(vec![41, 0, 0, 0]))
        };
        let mine = issued(Purpose::CashOnDelivery, "ord_1");
        let (others, login) = (issued(Purpose::CashOnDelivery, "ord_2"), issued(Purpose::PhoneLogin, phone));
        assert_eq!([&mine.secret, &others.secret, &login.secret], ["000041"; 3]);
        assert_eq!(mine.code.key(), Purpose::CashOnDelivery.key("ord_1"));
        assert!(mine.code.matches("000041"));
        let hashes = [&mine.code.hash, &others.code.hash, &login.code.hash];
        assert!(hashes[0] != hashes[1] && hashes[0] != hashes[2] && mine.code.id != login.code.id);

        assert_eq!(mine.code.expires_at, NOW.after(Duration::from_secs(300)));
        let thrice = (0..3).fold(mine.code, |code, _| counted(&code));
        assert_eq!(thrice.count_try(NOW), Try::Exceeded);
    }

    #[test]
    fn a_link_cannot_be_used_up_by_wrong_tries() {
        let wanted = Wanted { purpose: Purpose::VerifyEmail, what: "usr_1", user_id: None, target: None };
        let mut code = make(&wanted, None, NOW, &Chance::new(6)).code;
        for _ in 0..100 {
            code = counted(&code);
        }
    }
}
