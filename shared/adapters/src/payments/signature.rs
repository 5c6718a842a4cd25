//! How a webhook is signed: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`, over the body as it goes over the wire.

use std::time::Duration;

use aws_lc_rs::hmac;
use bharatmart_core::Timestamp;
use bharatmart_core::identity::Keys;

/// What was signed longer ago is somebody's who listened.
pub const REPLAY_WINDOW: Duration = Duration::from_secs(5 * 60);

pub fn sign(keys: &Keys, body: &[u8], at: Timestamp) -> String {
    let seconds = at.millis().div_euclid(1_000);
    let tag = hmac::sign(&key(keys.newest()), &signed(seconds, body));
    let hex = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("t={seconds},v1={hex}")
}

/// Whether one of the keys signed this body a short while ago. The comparison takes as long whatever differs.
pub fn holds(keys: &Keys, body: &[u8], signature: &str, now: Timestamp) -> bool {
    let part = |name: &str| signature.split(',').find_map(|part| part.trim().strip_prefix(name));
    let seconds = part("t=").and_then(|text| text.parse::<i64>().ok());
    let Some((seconds, tag)) = seconds.zip(part("v1=").and_then(unhex)) else { return false };
    let window = REPLAY_WINDOW.as_secs() as i64;
    if seconds.abs_diff(now.millis().div_euclid(1_000)) > window as u64 {
        return false;
    }
    let signed = signed(seconds, body);
    keys.all().any(|of| hmac::verify(&key(of), &signed, &tag).is_ok())
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn signed(seconds: i64, body: &[u8]) -> Vec<u8> {
    [seconds.to_string().as_bytes(), b".", body].concat()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    let byte = |pair: &[u8]| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    (text.len() == 64).then(|| text.as_bytes().chunks(2).map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use bharatmart_core::ports::Secret;

    use super::*;

    fn keys(text: &str) -> Keys {
        Keys::parse(&Secret::new(text)).unwrap()
    }

    #[test]
    fn a_signature_holds_for_its_body_its_key_and_five_minutes() {
        let at = Timestamp::from_millis(1_790_000_000_500);
        let signature = sign(&keys("old"), b"{}", at);
        let holds_at = |seconds: i64| {
            let now = Timestamp::from_millis(at.millis() + seconds * 1_000);
            holds(&keys("new,old"), b"{}", &signature, now)
        };
        assert!(holds_at(0) && holds_at(300) && holds_at(-300));
        assert!(!holds_at(301) && !holds_at(-301));
        assert!(!holds(&keys("new"), b"{}", &signature, at));
        assert!(!holds(&keys("old"), b"{ }", &signature, at));
    }

    #[test]
    fn what_is_no_signature_does_not_hold() {
        let at = Timestamp::from_millis(1_790_000_000_500);
        let good = sign(&keys("key"), b"{}", at);
        let later = good.replace("t=1790000000", "t=1790000001");
        for wrong in ["", "t=1790000000", "v1=00", "t=x,v1=y", &good[..good.len() - 1], &later, "t=1790000000,v1=é"] {
            assert!(!holds(&keys("key"), b"{}", wrong, at), "{wrong}");
        }
    }
}
