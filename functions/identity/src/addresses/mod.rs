//! The caller's address book.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod set_default;
pub mod update;

use bharatmart_core::AddressId;
use bharatmart_core::identity::{Address, AddressView, User};
use bharatmart_runtime::{Ctx, Problem, Reply};

use crate::mine;

const EXAMPLE: &str = "adr_0199a3b1c2d37e4f8a5b6c7d8e9f0a1b";

/// The one that is named in the path.
async fn named(ctx: &Ctx, user: &User) -> Result<Address, Problem> {
    let key = mine::key::<AddressId>(ctx, user, "address")?;
    ctx.find(&key).await?.ok_or_else(|| Problem::not_found("address"))
}

fn shown(address: &Address, user: &User) -> Result<Reply, Problem> {
    Ok(Reply::ok(&AddressView::of(address, user))?.version(address.version))
}
