//! The whole shop in one thread, with time of its own: customers, staff, workers, sweepers and a payment provider take
//! turns as a seed has it, faults befall the calls they make, and after each turn it is checked that the shop keeps its
//! promises. A seed always goes the same way.

mod actors;
mod check;
mod desk;
mod dice;
mod faults;
mod inbox;
mod lanes;
pub mod matrix;
pub mod page;
mod plant;
mod provider;
mod requests;
mod run;
mod shop;
mod tally;
mod through;
mod under;
mod world;

pub use check::Broken;
pub use plant::Plant;
pub use run::{Outcome, run, run_many};
pub use tally::Tally;
