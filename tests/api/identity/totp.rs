//! An authenticator app: RFC 6238, written here anew so that the shop's own is not measured by itself.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha1::Sha1;

use super::beside;
use crate::world::Shop;

pub struct App {
    secret: Vec<u8>,
}

impl App {
    /// From the secret as a person types it.
    pub fn new(secret: &str) -> App {
        App { secret: BASE32_NOPAD.decode(secret.as_bytes()).unwrap() }
    }

    /// What the app shows `later` steps from now; before now when negative.
    pub fn code(&self, shop: &Shop, later: i64) -> String {
        let step = (beside::now(shop).millis() / 30_000 + later) as u64;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&step.to_be_bytes());
        let tag = mac.finalize().into_bytes();
        let at = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// None of the codes that are good now.
    pub fn wrong_code(&self, shop: &Shop) -> String {
        let good: Vec<_> = (-2..=2).map(|later| self.code(shop, later)).collect();
        (0..1_000_000).map(|n| format!("{n:06}")).find(|code| !good.contains(code)).unwrap()
    }
}

/// As if the last accepted code were long ago, so that a test need not wait half a minute for the next.
pub async fn much_later(shop: &Shop, user: &str) {
    beside::edit_user(shop, user, |user| {
        drop(user["mfa"].as_object_mut().unwrap().insert("last_step".to_owned(), json!(0)))
    })
    .await;
}
