//! Who the shop's people are: accounts, sessions, codes and addresses, as they are kept. Rules stand beside them, a file
//! each; nothing here reads a store.

mod account_change;
mod address;
mod address_input;
pub mod addresses;
pub mod admin;
mod audit;
mod before_after;
pub mod code;
mod common_passwords;
mod derived;
pub(crate) mod digest;
mod enter;
pub mod erase;
mod keys;
pub mod lock;
mod outsider;
pub mod password;
pub mod profile;
pub mod proof;
pub mod recovery;
pub mod refresh;
#[cfg(test)]
pub(crate) mod samples;
mod scene;
pub mod second_factor;
mod session;
mod signup;
#[cfg(test)]
mod testing;
pub mod totp;
mod user;
mod view;
mod words;

pub use account_change::AccountChange;
pub use address::{ADDRESS, Address};
pub use address_input::{AddressInput, Place};
pub use admin::{UserChange, UserChangeInput};
pub use audit::{AUDIT, Action, Actor, AuditEntry};
pub use code::{CODE, Code, Purpose};
pub use derived::Derived;
pub use enter::{By, Entered, first_admin, log_in, sign_up, sign_up_by_phone};
pub use keys::Keys;
pub use outsider::{is_outsider, outsider, outsider_id};
pub use password::{NewPassword, PasswordCheck};
pub use profile::{ProfileChange, ProfileInput};
pub use refresh::RefreshToken;
pub use scene::Scene;
pub use session::{Device, SESSION, Session};
pub use signup::{SignUp, SignUpInput};
pub use user::{Mfa, PENDING_EMAIL, PendingEmail, USER, User, UserStatus, UserTold};
pub use view::{AddressView, AuditView, SessionView, UserView};
pub use words::{DeviceName, Email, PersonName, Phone};
