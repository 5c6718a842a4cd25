//! What turns a route or a worker into a Lambda: configuration, start-up, telemetry, callers, limits, idempotency,
//! errors and batches. It knows HTTP and events; it decides nothing about the shop.

mod address;
pub mod app;
pub mod auth;
pub mod batch;
mod categories;
mod chaos;
pub mod codes;
pub mod config;
pub mod context;
pub mod dispatch;
pub mod etag;
mod flags;
pub mod headers;
mod http1;
mod idempotency;
mod limits;
pub mod need;
mod open;
pub mod outbox;
pub mod page;
mod passwords;
mod ports;
pub mod problem;
pub mod reply;
pub mod request;
pub mod route;
mod serve;
pub mod spec;
pub mod telemetry;
mod used_up;
pub mod webhook;
mod work;
mod worker;

pub use app::App;
pub use auth::Caller;
pub use batch::Runner;
pub use bharatmart_adapters::clash::Backoff;
pub use bharatmart_adapters::dependency::{BreakerState, DependencyState};
pub use categories::Wanted;
pub use chaos::Standing;
pub use context::{Ctx, WorkCtx};
pub use dispatch::Dispatcher;
pub use need::{Grant, Need};
pub use passwords::Place;
pub use ports::{OpenPorts, Ports};
pub use problem::Problem;
pub use reply::Reply;
pub use route::{Access, Answering, Idempotency, Limit, Route};
pub use serve::{needs, serve, stop_signal};
pub use spec::{Endpoint, Param, Spec};
pub use work::work;
pub use worker::{Delivery, Job, Verdict, Worker};

pub use http;
pub use lambda_http;
