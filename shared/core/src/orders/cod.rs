//! Who may pay at the door: not for everything, not everywhere, and not who has let many orders stand already.

use super::order::Order;
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
    pub open: usize,
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
        open: usize,
    },
}

impl CodRules {
    /// `newest` are the customer's latest orders.
    pub fn allow(&self, total: Paise, pincode: &str, newest: &[Order]) -> Result<(), NoCod> {
        if total > self.most {
            return Err(NoCod::TooDear { most: self.most });
        }
        if self.except.iter().any(|prefix| pincode.starts_with(prefix.as_str())) {
            return Err(NoCod::NotThere);
        }
        let open = |order: &&Order| order.method == PaymentMethod::Cod && !order.status.is_final();
        match newest.iter().filter(open).count() >= self.open {
            true => Err(NoCod::TooMany { open: self.open }),
            false => Ok(()),
        }
    }
}
