//! Figures by day, as India counts days.

pub mod summary;
