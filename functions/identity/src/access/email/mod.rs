pub mod send;
pub mod verify;
