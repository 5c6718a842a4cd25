//! Who may pay at the door: not for everything, not everywhere, and not who has let many orders stand already.

use super::order::Order;
use crate::changes::Write;
use crate::ids::UserId;
use crate::money::Paise;
use crate::payments::PaymentMethod;

/// Each a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodRules {
    /// The dearest order.
    pub most: Paise,
    /// PIN codes, or what they begin with, where no courier takes money.
    pub except: Vec<String>,
    /// So many of a customer's orders may be on their way unpaid.
    pub open: u32,
}

impl Default for CodRules {
    fn default() -> Self {
        CodRules { most: Paise::from_rupees(5_000), except: Vec::new(), open: 3 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCod {
    TooDear {
        most: Paise,
    },
    NotThere,
    /// The customer has others on their way.
    TooMany {
        open: u32,
    },
}

impl CodRules {
    /// `open` are on their way as it is read; the commit that places one more looks again.
    pub fn allow(&self, total: Paise, pincode: &str, open: u64) -> Result<(), NoCod> {
        if total > self.most {
            return Err(NoCod::TooDear { most: self.most });
        }
        if self.except.iter().any(|prefix| pincode.starts_with(prefix.as_str())) {
            return Err(NoCod::NotThere);
        }
        match open >= u64::from(self.open) {
            true => Err(NoCod::TooMany { open: self.open }),
            false => Ok(()),
        }
    }

    /// One more is on its way: counted in the order's commit.
    pub(super) fn one_more(&self, user: UserId) -> Write {
        Write::Count { counter: open_orders(user), by: 1, at_most: self.open }
    }
}

/// The counter of a customer's orders that are on their way unpaid.
pub(super) fn open_orders(user: UserId) -> String {
    format!("cod/{user}")
}

/// An order that has come to its end is on its way no more.
pub(super) fn one_less(order: &Order) -> Option<Write> {
    let cash = order.method == PaymentMethod::Cod;
    cash.then(|| Write::Count { counter: open_orders(order.user_id), by: -1, at_most: u32::MAX })
}
