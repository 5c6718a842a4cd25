//! A customer's orders.

pub mod cancel;
pub mod get;
pub mod list;
pub mod place;
pub mod timeline;

use bharatmart_core::orders::{Mover, Order, OrderView, Till};
use bharatmart_core::{OrderId, Permission};
use bharatmart_runtime::{Ctx, Problem, Reply};

/// An id as the examples of the documentation have it.
pub(crate) const EXAMPLE: &str = "ord_01926d3e4f5a7b8c9d0e1f2a3b4c5d6e";

/// What is no id of an order is no order.
pub(crate) fn named(ctx: &Ctx) -> Result<OrderId, Problem> {
    ctx.path("id").parse().map_err(|_| Problem::not_found("order"))
}

/// The caller's own; staff is shown everybody's.
async fn shown(ctx: &Ctx) -> Result<(Order, Mover), Problem> {
    let (caller, id, held) = (ctx.user()?, named(ctx)?, ctx.held());
    let till: Till<'_> = ctx.till(&held);
    let order = till.order(id).await?.ok_or_else(|| Problem::not_found("order"))?;
    match caller.role {
        _ if order.user_id == caller.user => Ok((order, Mover::Customer)),
        role if role.may(Permission::MoveOrders) => Ok((order, Mover::Staff)),
        role if role.may(Permission::ReadOrders) => Ok((order, Mover::Courier)),
        _ => Err(Problem::not_found("order")),
    }
}

/// An order as the answer to whoever moved it.
pub(crate) fn reply(order: &Order, to: Mover) -> Result<Reply, Problem> {
    Ok(Reply::ok(&OrderView::of(order, to))?.version(order.version))
}
