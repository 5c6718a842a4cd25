//! Orders, from the moment they are placed to their end. Each thing that can happen to one is a function from the order as
//! it is to the order as it then is, with everything that must be written in the same commit: nothing here reads a store
//! or asks a provider.

mod cancel;
mod happen;
mod number;
mod order;
mod pay;
mod place;
mod refund;
mod settle;
pub mod status;
mod travel;

pub use cancel::{Holding, cancel, expire, give_time};
pub use happen::NotAllowed;
pub use number::OrderNumber;
pub use order::{Moved, ORDER, Order, OrderAmounts, OrderLine, ShipTo};
pub use pay::{NotPayable, open_attempt};
pub use place::{Bought, Placed, Placement, place};
pub use refund::{NotRefundable, ask_refund, refund_done};
pub use settle::settle;
pub use status::{Mover, OrderStatus};
pub use travel::{Travel, travel};
