//! The amounts of an order: `subtotal − discount + delivery = total = taxable + cgst + sgst + igst`, always.

use serde::{Deserialize, Serialize};

use super::coupon::{Coupon, CouponRefused};
use super::share::share;
use super::tax::{Supply, Tax};
use super::uses::NamedCoupon;
use crate::catalog::GstRate;
use crate::money::Paise;
use crate::place::State;
use crate::text::Sku;
use crate::time::Timestamp;

/// The shop's own terms, each a setting but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub seller: State,
    pub delivery: Paise,
    /// What the lines must come to, less the discount, for delivery to be free.
    pub free_from: Paise,
    /// What the lines must come to for an order to be taken; a coupon does not make an order too small.
    pub minimum: Paise,
    /// Whether coupons count just now, for whoever asks.
    pub coupons: bool,
}

impl Terms {
    /// The coupon, where it counts for lines that come to this much.
    pub fn coupon<'a>(
        &self,
        named: &'a NamedCoupon,
        subtotal: Paise,
        now: Timestamp,
    ) -> Result<&'a Coupon, CouponRefused> {
        if self.coupons { named.check(subtotal, now) } else { Err(CouponRefused::SwitchedOff) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub sku: Sku,
    /// What the customer pays for one, GST included.
    pub price: Paise,
    pub quantity: u32,
    pub gst_rate: GstRate,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    pub subtotal: Paise,
    pub discount: Paise,
    pub delivery: Paise,
    pub total: Paise,
    pub tax: Tax,
    /// In the order of the items.
    pub lines: Vec<LineAmounts>,
}

impl Item {
    pub fn subtotal(items: &[Item]) -> Paise {
        items.iter().map(|item| item.price.times(item.quantity)).sum()
    }
}

/// A line's share of everything: its price less discount, with its part of the delivery, which is taxed as the goods are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmounts {
    pub subtotal: Paise,
    pub discount: Paise,
    pub delivery: Paise,
    pub total: Paise,
    pub tax: Tax,
}

/// `coupon` has been checked. The order of the items makes no difference to any line.
pub fn quote(items: &[Item], coupon: Option<&Coupon>, terms: &Terms, buyer: State) -> Amounts {
    let mut by_sku: Vec<usize> = (0..items.len()).collect();
    by_sku.sort_by_key(|at| (&items[*at].sku, items[*at].quantity));
    let prices: Vec<Paise> = by_sku.iter().map(|at| items[*at].price.times(items[*at].quantity)).collect();
    let subtotal: Paise = prices.iter().copied().sum();
    let discount = coupon.map_or(Paise::ZERO, |coupon| coupon.discount(subtotal));
    let free = items.is_empty() || coupon.is_some_and(Coupon::frees_delivery) || subtotal - discount >= terms.free_from;
    let delivery = if free { Paise::ZERO } else { terms.delivery };

    let supply = Supply::between(terms.seller, buyer);
    let discounts = share(discount, &prices);
    let deliveries = share(delivery, &prices);
    let mut lines = vec![LineAmounts::default(); items.len()];
    for (place, at) in by_sku.into_iter().enumerate() {
        let (subtotal, discount, delivery) = (prices[place], discounts[place], deliveries[place]);
        let total = subtotal - discount + delivery;
        let tax = Tax::within(total, items[at].gst_rate, supply);
        lines[at] = LineAmounts { subtotal, discount, delivery, total, tax };
    }
    let sum = |part: fn(&LineAmounts) -> Paise| lines.iter().map(part).sum();
    let tax = Tax {
        taxable: sum(|line| line.tax.taxable),
        cgst: sum(|line| line.tax.cgst),
        sgst: sum(|line| line.tax.sgst),
        igst: sum(|line| line.tax.igst),
    };
    Amounts { subtotal, discount, delivery, total: subtotal - discount + delivery, tax, lines }
}

#[cfg(test)]
mod tests {
    use super::super::coupon::{Benefit, coupon};
    use super::*;

    fn terms() -> Terms {
        Terms {
            seller: State::parse("Karnataka").unwrap(),
            delivery: Paise::from_rupees(40),
            free_from: Paise::from_rupees(499),
            minimum: Paise::from_rupees(199),
            coupons: true,
        }
    }

    fn item(sku: &str, price: i64, quantity: u32, rate: i64) -> Item {
        let (sku, gst_rate) = (Sku::parse(sku).unwrap(), GstRate::parse(rate).unwrap());
        Item { sku, price: Paise::exactly(price), quantity, gst_rate }
    }

    /// Repeatable chance, for many carts.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }

        /// Now and then with a second line of a SKU.
        fn cart(&mut self) -> Vec<Item> {
            let rates = GstRate::RATES;
            let mut items: Vec<Item> = Vec::new();
            for nth in 0..self.below(50) {
                let rate = rates[self.below(rates.len() as u64) as usize];
                let price = if self.below(20) == 0 { 0 } else { self.below(3_000_000) as i64 };
                let new = item(&format!("S{nth}"), price, 1 + self.below(10) as u32, rate.into());
                let known = items.get(self.below(200) as usize).cloned();
                items.push(known.map_or(new.clone(), |known| Item { quantity: new.quantity, ..known }));
            }
            items
        }

        fn shuffle(&mut self, items: &mut [Item]) {
            for at in 1..items.len() {
                items.swap(at, self.below(at as u64 + 1) as usize);
            }
        }

        fn coupon(&mut self) -> Option<Coupon> {
            match self.below(4) {
                0 => None,
                1 => Some(coupon(Benefit::Percent, self.below(101) as u32)),
                2 => Some(coupon(Benefit::Amount, self.below(2_000_000) as u32)),
                _ => Some(coupon(Benefit::FreeDelivery, 0)),
            }
        }
    }

    fn buyers() -> [State; 2] {
        [State::parse("Karnataka").unwrap(), State::parse("Kerala").unwrap()]
    }

    #[test]
    fn parts_add_up_and_nothing_is_negative_in_any_cart() {
        let mut chance = Chance(7);
        for nth in 0..5_000 {
            let (items, coupon) = (chance.cart(), chance.coupon());
            for buyer in buyers() {
                let amounts = quote(&items, coupon.as_ref(), &terms(), buyer);
                let Amounts { subtotal, discount, delivery, total, tax, lines } = &amounts;
                let whole = subtotal.get() - discount.get() + delivery.get();
                assert_eq!(total.get(), whole, "cart {nth}");
                assert_eq!(total.get(), (tax.taxable + tax.cgst + tax.sgst + tax.igst).get(), "cart {nth}");
                assert_eq!(tax.cgst, tax.sgst);
                for line in lines {
                    assert!(line.discount <= line.subtotal, "cart {nth}: {line:?}");
                    assert_eq!(line.total, line.subtotal - line.discount + line.delivery);
                }
                assert_eq!(lines.iter().map(|line| line.total).sum::<Paise>(), *total, "cart {nth}");
                assert_eq!(lines.iter().map(|line| line.discount).sum::<Paise>(), *discount, "cart {nth}");
            }
        }
    }

    #[test]
    fn the_order_of_lines_makes_no_difference() {
        let mut chance = Chance(11);
        for nth in 0..500 {
            let (mut items, coupon) = (chance.cart(), chance.coupon());
            let [_, buyer] = buyers();
            // Of two lines that are alike, either may have the odd paisa.
            let quoted = |items: &[Item]| {
                let mut amounts = quote(items, coupon.as_ref(), &terms(), buyer);
                let lines = items.iter().zip(std::mem::take(&mut amounts.lines));
                let mut lines: Vec<_> = lines.map(|(item, line)| format!("{item:?} {line:?}")).collect();
                lines.sort();
                (amounts, lines)
            };
            let one = quoted(&items);
            for _ in 0..3 {
                chance.shuffle(&mut items);
                assert_eq!(quoted(&items), one, "cart {nth}");
            }
        }
    }

    #[test]
    fn delivery_is_free_from_its_bound_on_and_with_its_coupon() {
        let [home, _] = buyers();
        let total = |price, coupon: Option<Coupon>| quote(&[item("A", price, 1, 5)], coupon.as_ref(), &terms(), home);
        assert_eq!(total(49_899, None).delivery, Paise::from_rupees(40));
        assert_eq!(total(49_900, None).delivery, Paise::ZERO);
        assert_eq!(total(49_900, Some(coupon(Benefit::Amount, 1))).delivery, Paise::from_rupees(40));
        assert_eq!(total(20_000, Some(coupon(Benefit::FreeDelivery, 0))).total, Paise::from_rupees(200));
        assert_eq!(quote(&[], None, &terms(), home).total, Paise::ZERO);
    }

    #[test]
    fn the_tax_goes_to_the_place_of_supply() {
        let [home, elsewhere] = buyers();
        let items = [item("A", 59_000, 2, 18)];
        let within = quote(&items, None, &terms(), home).tax;
        assert_eq!((within.taxable.get(), within.cgst.get(), within.igst.get()), (100_000, 9_000, 0));
        let across = quote(&items, None, &terms(), elsewhere).tax;
        assert_eq!((across.taxable.get(), across.cgst.get(), across.igst.get()), (100_000, 0, 18_000));
    }
}
