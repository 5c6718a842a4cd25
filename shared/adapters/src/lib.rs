//! The ports of the shop, kept by real engines: one folder an engine, each behind a feature of its own, so that a
//! function links only what it is deployed with. Adapters store; they decide nothing.

mod bells;
pub mod budget;
pub mod clash;
pub mod dependency;
pub mod memory;
pub mod messages;
pub mod payments;
pub mod system;

#[cfg(feature = "_aws")]
pub mod aws;
pub mod blobs;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "search")]
pub mod search;
pub mod secrets;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqs")]
pub mod sqs;
pub mod vault;
