//! The cart as a whole: shown, emptied, priced, looked over, and brought along at login.

pub mod empty;
pub mod get;
pub mod merge;
pub mod quote;
pub mod validate;
