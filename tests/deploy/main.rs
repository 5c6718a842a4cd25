//! The whole template, deployed to the AWS emulator with the functions as `make build` leaves them: what only the
//! template, the permissions of AWS's own parts and the release builds can break. The shop's behaviour is held by the
//! other suites.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../api/client.rs"]
#[allow(dead_code, reason = "the api suite uses all of it")]
mod client;
mod events;
mod messages;
mod routes;
mod stack;
