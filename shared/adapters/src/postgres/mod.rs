//! The store on PostgreSQL, Supabase's among them: many machines, one database.

mod address;
mod connection;
mod migrate;
mod store;
mod tls;
mod trouble;

pub use store::{Postgres, PostgresStore};
