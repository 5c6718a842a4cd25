//! Identity and access over HTTP: what `docs/promises.md` promises line by line, a file a subject. How the shop is
//! reached from beside, where time must pass or a store be looked into, stands in `beside`.

mod addresses;
mod admin;
mod audit;
pub mod beside;
mod cookies;
mod email;
mod lock;
mod login;
pub mod mfa;
mod otp;
mod passwords;
pub mod people;
mod phone;
mod profile;
mod recovery;
mod refresh;
mod roles;
mod sessions;
mod shops;
mod signup;
mod tokens;
pub mod totp;
