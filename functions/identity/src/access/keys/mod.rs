pub mod issuer;
pub mod list;
