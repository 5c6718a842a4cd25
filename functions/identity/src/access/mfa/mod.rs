pub mod confirm;
pub mod enrol;
pub mod remove;
pub mod verify;
