pub mod end;
pub mod list;
