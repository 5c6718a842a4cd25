//! The shop over HTTP, as its users meet it: the same requests and the same answers on every engine, with the
//! handlers in-process and as Lambda functions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod alone;
mod attacks;
mod bad_input;
mod browsers;
mod cart;
mod catalog;
mod chaos;
mod client;
mod conditional;
mod coverage;
mod docs;
mod documents;
mod endings;
mod event_schemas;
mod events;
mod generated_input;
mod health;
mod idempotency;
mod identity;
mod inventory;
mod issuers;
mod lambdas;
mod limits;
mod orders;
mod outages;
mod products;
mod promises;
mod queues;
mod search;
mod second_process;
mod settings;
mod tenants;
mod traces;
mod without_index;
mod world;
