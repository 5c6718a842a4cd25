//! GST out of a price that holds it already.

use serde::{Deserialize, Serialize};

use crate::catalog::GstRate;
use crate::money::Paise;
use crate::place::State;

/// Within the seller's state half the tax is the centre's and half the state's; across states all of it is IGST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    WithinState,
    AcrossStates,
}

impl Supply {
    pub fn between(seller: State, buyer: State) -> Self {
        if seller == buyer { Supply::WithinState } else { Supply::AcrossStates }
    }
}

/// `taxable + cgst + sgst + igst` is the price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    pub taxable: Paise,
    pub cgst: Paise,
    pub sgst: Paise,
    pub igst: Paise,
}

impl Tax {
    /// Both halves are equal, as they are filed; what rounding leaves is the goods'.
    pub fn within(price: Paise, rate: GstRate, supply: Supply) -> Self {
        let rate = i64::from(rate.per_cent());
        let rounded = |amount: i64, of: i64| (2 * amount + of) / (2 * of);
        match supply {
            Supply::WithinState => {
                let half = Paise::exactly(rounded(price.get() * rate, 2 * (100 + rate)));
                Tax { taxable: price - half - half, cgst: half, sgst: half, igst: Paise::ZERO }
            }
            Supply::AcrossStates => {
                let igst = Paise::exactly(rounded(price.get() * rate, 100 + rate));
                Tax { taxable: price - igst, igst, ..Tax::default() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_cent: i64) -> GstRate {
        GstRate::parse(per_cent).unwrap()
    }

    #[test]
    fn a_price_is_its_goods_and_its_tax() {
        let tax = Tax::within(Paise::exactly(11_800), rate(18), Supply::AcrossStates);
        assert_eq!((tax.taxable.get(), tax.igst.get()), (10_000, 1_800));
        let tax = Tax::within(Paise::exactly(10_500), rate(5), Supply::WithinState);
        assert_eq!((tax.taxable.get(), tax.cgst.get(), tax.sgst.get()), (10_000, 250, 250));
    }

    #[test]
    fn every_price_at_every_rate_adds_up_and_is_right_to_a_paisa() {
        for per_cent in GstRate::RATES {
            for price in (0..20_000).chain([999_999_999]) {
                for supply in [Supply::WithinState, Supply::AcrossStates] {
                    let tax = Tax::within(Paise::exactly(price), rate(per_cent.into()), supply);
                    assert_eq!((tax.taxable + tax.cgst + tax.sgst + tax.igst).get(), price);
                    assert_eq!(tax.cgst, tax.sgst);
                    let (all, exact) =
                        ((price - tax.taxable.get()) * (100 + i64::from(per_cent)), price * i64::from(per_cent));
                    assert!((all - exact).abs() <= 100 + i64::from(per_cent), "{price} at {per_cent}");
                }
            }
        }
    }
}
