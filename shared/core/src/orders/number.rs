//! What customers call an order: unique, not gapless. Numbers are taken in blocks beside the commit, so that no counter
//! is waited for by everybody.

/// How many numbers a process takes at once.
pub const BLOCK: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderNumber {
    /// In India.
    pub year: i32,
    pub nth: u64,
}

impl OrderNumber {
    /// The counter that hands out the numbers of a year.
    pub fn counter(year: i32) -> String {
        format!("order-number/{year}")
    }

    pub fn text(self) -> String {
        format!("BM-{}-{:06}", self.year, self.nth)
    }
}
