//! Whoever takes money for the shop: here a stand-in, with every way a real one has of ending badly.

mod mock;
mod signature;

pub use mock::{Memory, MockProvider, WebhookBody, heard};
pub use signature::{REPLAY_WINDOW, sign};

/// Names this port in faults.
const PORT: &str = "payments";
