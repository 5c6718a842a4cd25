//! Orders, from the moment they are placed to their end. Each thing that can happen to one is a function from the order as
//! it is to the order as it then is, with everything that must be written in the same commit; the till does it over the
//! ports.

mod cancel;
mod cod;
mod gstin;
mod happen;
mod input;
mod number;
mod order;
mod pay;
mod place;
mod refund;
mod settle;
mod ship_to;
pub mod status;
pub mod till;
mod told;
mod travel;
mod view;

pub use cod::{CodRules, NoCod};
pub use happen::{NotAllowed, OrderState, Said, order_of};
pub use input::{Basket, Line, OrderAsked, OrderInput, OrderLineInput, Whereto};
pub use number::Numbers;
pub use order::{Moved, ORDER, Order, OrderAmounts, OrderLine};
pub use pay::NotPayable;
pub use refund::NotRefundable;
pub use ship_to::ShipTo;
pub use status::{Mover, OrderStatus};
pub use till::Till;
pub use view::{MovedView, OrderLineView, OrderPaymentView, OrderView};
