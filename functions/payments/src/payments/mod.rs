//! Attempts to pay.

pub mod create;
pub mod get;
pub mod list;
pub mod refund;
pub mod verify;

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{MOCK_CHARGE, PAYMENT, Payment, PaymentStatus, PaymentView};
use bharatmart_core::{PaymentId, Permission, queues};
use bharatmart_runtime::{Ctx, Need, Problem, Reply};

/// An id as the examples of the documentation have it.
pub(crate) const EXAMPLE: &str = "pay_01926d3e4f5a7b8c9d0e1f2a3b4c5d6e";

/// What finding out and writing down what became of an attempt takes.
pub(crate) const SETTLES: &[Need] = &[
    Need::reads(&PAYMENT),
    Need::reads(&ORDER),
    Need::reads(&RESERVATION),
    Need::reads(&MOCK_CHARGE),
    Need::COMMITS,
    Need::TAKES_MONEY,
    Need::sends(&queues::PAYMENTS),
    Need::sends(&queues::ORDERS),
    Need::sends(&queues::ANALYTICS),
    Need::sends(&queues::STOCK),
    Need::sends(&queues::MOCK_PROVIDER),
];

fn named(ctx: &Ctx) -> Result<PaymentId, Problem> {
    ctx.path("id").parse().map_err(|_| missing())
}

/// The caller's own; whoever may give money back is shown everybody's.
async fn shown(ctx: &Ctx) -> Result<Payment, Problem> {
    let (caller, held) = (ctx.user()?, ctx.held());
    let payment = ctx.till(&held).payment(named(ctx)?).await?.ok_or_else(missing)?;
    let may = payment.user_id == caller.user || caller.role.may(Permission::RefundPayments);
    if may { Ok(payment) } else { Err(missing()) }
}

fn missing() -> Problem {
    Problem::not_found("payment")
}

async fn reply(ctx: &Ctx, payment: &Payment) -> Result<Reply, Problem> {
    let held = ctx.held();
    let order = match payment.status {
        PaymentStatus::Failed => ctx.till(&held).order(payment.order_id).await?,
        _ => None,
    };
    let payable = order.is_some_and(|order| order.payable().is_ok());
    Ok(Reply::ok(&PaymentView::of(payment, payable))?.version(payment.version))
}
