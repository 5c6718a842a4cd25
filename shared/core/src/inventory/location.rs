//! Where stock lies: a warehouse or a shop, by a short name.

use serde::{Deserialize, Serialize};

use crate::check::Invalid;
use crate::text::word;

word! {
    /// Lower-case letters, digits and hyphens, at most 32.
    Location
}

impl Location {
    /// Where stock lies as long as nobody says otherwise.
    pub fn main() -> Self {
        Location("main".to_owned())
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Location(text.to_owned()));
        }
        Err(Invalid::new("invalid_location", "must be 1 to 32 of a-z, 0-9 and -"))
    }
}
