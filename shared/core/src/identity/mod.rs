//! Who the shop's people are: accounts, sessions, codes and addresses, as they are kept. Rules stand beside them, a file
//! each; nothing here reads a store.

mod address;
mod audit;
pub mod code;
mod common_passwords;
mod digest;
pub mod lock;
mod notice;
pub mod password;
pub mod recovery;
pub mod refresh;
mod session;
mod signup;
#[cfg(test)]
mod testing;
pub mod totp;
mod user;
mod view;
mod words;

pub use address::{ADDRESS, Address};
pub use audit::{AUDIT, Action, Actor, AuditEntry};
pub use code::{CODE, Code, Purpose};
pub use notice::Notice;
pub use password::{NewPassword, PasswordCheck};
pub use refresh::RefreshToken;
pub use session::{Device, SESSION, Session};
pub use signup::{SignUp, SignUpInput};
pub use user::{Mfa, PENDING_EMAIL, PendingEmail, USER, User, UserStatus};
pub use view::{AddressView, AuditView, SessionView, UserView};
pub use words::{DeviceName, Email, PersonName, Phone};
