//! Reading bodies: those that may be absent, and a password that is to be compared, not set.

use bharatmart_core::identity::password::LONGEST;
use bharatmart_core::{Check, Invalid};
use bharatmart_runtime::{Ctx, Problem};
use serde::de::DeserializeOwned;

/// A body that may be left out whole.
pub fn optional<T: DeserializeOwned + Default>(ctx: &Ctx) -> Result<T, Problem> {
    if ctx.has_body() { ctx.json() } else { Ok(T::default()) }
}

/// What is too long to be anybody's password is refused before it costs a hash.
pub fn password(text: &str) -> Result<&str, Invalid> {
    // A character has at most four bytes.
    if text.len() > 4 * LONGEST {
        return Err(Invalid::new("invalid_length", format!("must be at most {LONGEST} characters")));
    }
    Ok(text)
}

/// What was read, when nothing was wrong.
pub fn all<T>(check: Check, read: Option<T>) -> Result<T, Problem> {
    match read {
        Some(read) if check.is_clean() => Ok(read),
        _ => Err(Problem::invalid(check.into_errors())),
    }
}
