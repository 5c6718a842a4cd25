//! The local cloud: one process that is API Gateway, the queues' event source, the schedules and the pages around
//! them. It runs the shop's functions in this process or calls them through the Lambda API; it holds no rule of the
//! shop.

pub mod admin;
mod backend;
mod cloud;
pub mod dotenv;
mod gateway;
mod pause;
mod schedules;
mod seed;
mod sources;
mod web;

pub use cloud::{LocalCloud, run_once};
