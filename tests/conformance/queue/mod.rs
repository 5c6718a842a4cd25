//! The queues: at least once, hidden while worked on, dead after too many tries. Each test runs on every engine.

mod crowd;
mod dead;
mod delivery;
mod fifo;
mod restart;
mod worlds;
