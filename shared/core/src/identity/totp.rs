//! One-time passwords of an authenticator app: RFC 6238 with SHA-1, six digits and thirty seconds, which is what every
//! app knows.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::digest;
use crate::ports::Random;
use crate::time::Timestamp;

const PERIOD_S: u64 = 30;
const DIGITS: usize = 6;
/// A phone's clock may be off by so many steps.
const DRIFT: u64 = 1;

/// As long as SHA-1's own output, as RFC 4226 advises.
pub fn secret(random: &dyn Random) -> [u8; 20] {
    let mut secret = [0; 20];
    random.fill(&mut secret);
    secret
}

/// As a person types it into an app.
pub fn base32(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// As an app reads it from a picture.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account, secret) = (encoded(issuer), encoded(account), base32(secret));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_S}"
    )
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The step whose code this is, when it is a new one: of this moment or one beside it, and after `last_step`, the last
/// that was accepted. Whoever accepts it keeps the step in the same commit, and no code is good twice.
pub fn accept(secret: &[u8], code: &str, last_step: u64, now: Timestamp) -> Option<u64> {
    let step = step_at(now);
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let mut accepted = None;
    for candidate in step.saturating_sub(DRIFT)..=step + DRIFT {
        // Each is compared, whichever is right.
        if digest::same(&code_of(secret, candidate), &code) && candidate > last_step {
            accepted = Some(candidate);
        }
    }
    accepted
}

fn step_at(now: Timestamp) -> u64 {
    now.millis().max(0) as u64 / 1000 / PERIOD_S
}

fn code_of(secret: &[u8], step: u64) -> String {
    format!("{:0width$}", truncated(secret, step) % 10_u32.pow(DIGITS as u32), width = DIGITS)
}

/// RFC 4226, 5.3.
fn truncated(secret: &[u8], step: u64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(&step.to_be_bytes());
    let tag = mac.finalize().into_bytes();
    let at = usize::from(tag[19] & 0x0f);
    u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Chance;

    const RFC_SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn it_agrees_with_the_vectors_of_rfc_6238() {
        for (seconds, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(RFC_SECRET, step_at(at(seconds))) % 100_000_000, expected);
        }
        assert_eq!(code_of(RFC_SECRET, step_at(at(59))), "287082");
    }

    #[test]
    fn it_agrees_with_the_vectors_of_rfc_4226() {
        let codes: Vec<String> = (0..5).map(|step| code_of(RFC_SECRET, step)).collect();
        assert_eq!(codes, ["755224", "287082", "359152", "969429", "338314"]);
    }

    #[test]
    fn a_code_is_good_within_a_step_of_the_clock() {
        let code = code_of(RFC_SECRET, 1000);
        for (step, good) in [(998, false), (999, true), (1000, true), (1001, true), (1002, false)] {
            assert_eq!(accept(RFC_SECRET, &code, 0, at(step * 30 + 7)).is_some(), good, "step {step}");
        }
        assert_eq!(accept(RFC_SECRET, "000000", 0, at(30_000)), None);
        assert_eq!(accept(RFC_SECRET, "", 0, at(30_000)), None);
    }

    #[test]
    fn a_code_is_good_once_and_none_before_it_afterwards() {
        let (former, code, next) = (code_of(RFC_SECRET, 999), code_of(RFC_SECRET, 1000), code_of(RFC_SECRET, 1001));
        let now = at(30_000);
        let last = accept(RFC_SECRET, &code, 0, now).unwrap();
        assert_eq!(last, 1000);
        assert_eq!(accept(RFC_SECRET, &code, last, now), None);
        assert_eq!(accept(RFC_SECRET, &former, last, now), None);
        assert_eq!(accept(RFC_SECRET, &next, last, now), Some(1001));
    }

    #[test]
    fn an_app_is_told_all_it_must_know() {
        let made = secret(&Chance::new(1));
        let uri = uri("BharatMart", "asha+shop@example.in", &made);
        assert!(uri.starts_with("otpauth://totp/BharatMart:asha%2Bshop%40example.in?secret="));
        assert_eq!(base32(RFC_SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(&made).len(), 32);
        assert_ne!(made, secret(&Chance::new(2)));
    }
}
