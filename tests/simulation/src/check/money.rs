//! The money of an order: at most one capture is kept, and what came less what went back is what the ledger, the
//! payments and the order say.

use bharatmart_core::Paise;
use bharatmart_core::orders::Order;
use bharatmart_core::payments::Payment;

use super::{Checker, Kept, holds};

impl Checker {
    pub(super) fn money(&self, order: &Order) -> Kept {
        let amounts = &order.amounts;
        let tax = amounts.tax;
        let due = amounts.subtotal - amounts.discount + amounts.delivery;
        let parts = tax.taxable + tax.cgst + tax.sgst + tax.igst;
        let sums = due == amounts.total && parts == amounts.total;
        holds(sums, || format!("{} does not add up: {amounts:?}", order.id))?;

        let payments: Vec<&Payment> = self.payments.values().filter(|payment| payment.order_id == order.id).collect();
        let captured: Vec<&&Payment> = payments.iter().filter(|payment| payment.is_captured()).collect();
        let kept: Vec<_> = captured.iter().filter(|payment| !payment.surplus).map(|payment| payment.id).collect();
        holds(kept.len() <= 1, || format!("{} keeps more than one capture: {kept:?}", order.id))?;
        holds(order.paid_by == kept.first().copied(), || {
            format!("{} says it is paid by {:?}, kept is {kept:?}", order.id, order.paid_by)
        })?;
        for payment in &captured {
            holds(payment.amount == amounts.total, || format!("{} took {} of {due}", payment.id, payment.amount))?;
            let whole = !payment.surplus || payment.refunds_asked() == payment.amount;
            holds(whole, || format!("{} is a surplus that does not go back whole", payment.id))?;
            let within = payment.refunds_asked() <= payment.amount;
            holds(within, || format!("more is to go back of {} than came", payment.id))?;
        }
        let came: Paise = captured.iter().map(|payment| payment.amount).sum();
        let went: Paise = payments.iter().map(|payment| payment.refunded()).sum();
        let ledger = self.balance(order.id);
        let agree = order.captured == came && ledger.captured == came;
        holds(agree, || {
            format!("{} says {} came, its payments {came}, the ledger {}", order.id, order.captured, ledger.captured)
        })?;
        let agree = order.refunded == went && ledger.refunded == went;
        holds(agree, || {
            format!("{} says {} went, its payments {went}, the ledger {}", order.id, order.refunded, ledger.refunded)
        })
    }
}
