//! Whether an order's money adds up, once nothing more moves: in its payments, in the ledger, in its own figures, and in
//! what the provider remembers.

use bharatmart_adapters::system::System;
use bharatmart_core::orders::OrderStatus;
use bharatmart_core::payments::{Balance, Payment, PaymentStatus};
use bharatmart_core::ports::Clock;

use crate::read::Bought;

pub fn problems(bought: &Bought) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            problems.push(format!("order {}: {what}", bought.order.id));
        }
    };
    let order = &bought.order;
    let captured: Vec<&Payment> = bought.payments.iter().filter(|payment| payment.is_captured()).collect();
    let sum = |figure: fn(&Payment) -> i64| captured.iter().map(|payment| figure(payment)).sum::<i64>();
    let booked = Balance::of(&bought.entries);
    let (came, went) = (sum(|payment| payment.amount.get()), sum(|payment| payment.refunded().get()));

    check(bought.payments.len() == order.payments.len(), "an attempt of it is gone");
    check(order.paying.is_none(), "an attempt is under way");
    let ended = |payment: &Payment| payment.status != PaymentStatus::Pending && payment.order_id == order.id;
    check(bought.payments.iter().all(ended), "an attempt has no end");
    check(order.captured.get() == came && order.refunded.get() == went, "its figures are not those of its payments");
    check(booked.captured == order.captured && booked.refunded == order.refunded, "the ledger says otherwise");
    let kept: Vec<_> = captured.iter().filter(|payment| !payment.surplus).map(|payment| payment.id).collect();
    check(kept.len() <= 1, "it was captured twice");
    check(order.paid_by == kept.first().copied(), "it is not paid by what it says");
    let due = if order.status == OrderStatus::Confirmed { order.amounts.total.get() } else { 0 };
    check(order.kept().get() == due, "what is kept is not what it costs");
    for payment in &bought.payments {
        let charge = bought.charge(payment.id);
        let took = charge.is_some_and(|charge| charge.is_captured(System.now()));
        check(took == payment.is_captured(), "the provider took otherwise");
        let gave = charge.map_or(0, |charge| charge.refunded().get());
        check(gave == payment.refunded().get(), "the provider gave back otherwise");
        let whole =
            payment.amount == order.amounts.total && charge.is_none_or(|charge| charge.amount == payment.amount);
        check(whole, "an attempt is for another amount");
    }
    problems
}
