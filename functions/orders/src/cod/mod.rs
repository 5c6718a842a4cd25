//! Cash on delivery: its customer confirms the order by a code that was sent to the phone.

pub mod confirm;
pub mod resend;
