//! Who the shop's people are: accounts, sessions, codes and addresses, as they are kept. Rules stand beside them, a file
//! each; nothing here reads a store.

mod address;
mod audit;
pub mod code;
mod digest;
pub mod lock;
mod notice;
pub mod recovery;
pub mod refresh;
mod session;
#[cfg(test)]
mod testing;
pub mod totp;
mod user;

pub use address::{ADDRESS, Address};
pub use audit::{AUDIT, AuditEntry};
pub use code::{CODE, Code, Purpose};
pub use notice::Notice;
pub use refresh::RefreshToken;
pub use session::{Device, SESSION, Session};
pub use user::{Mfa, PENDING_EMAIL, PendingEmail, USER, User, UserStatus};
