//! Money: attempts to pay, what came of them, and the books. What moves money is decided here and done by the provider.

mod ledger;
mod mock;
mod payment;
mod tell;
mod view;

pub use ledger::{Account, Balance, LEDGER_ENTRY, LedgerEntry};
pub use mock::{LATE_AFTER, MOCK_CHARGE, MockCharge, MockOutcome, MockRefund, Said, WebhookDue};
pub use payment::{Open, PAYMENT, Payment, PaymentMethod, PaymentStatus, Refund};
pub use tell::PaymentState;
pub use view::{Instrument, NextAction, PaymentInput, PaymentView, RefundInput, RefundView};
