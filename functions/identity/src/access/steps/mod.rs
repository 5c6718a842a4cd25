//! What several of these routes do alike: find an account, prove a password or a second factor, try a code, and give
//! out tokens.

pub mod accounts;
pub mod codes;
pub mod factor;
pub mod input;
pub mod lock;
pub mod refused;
pub mod scene;
pub mod tokens;
