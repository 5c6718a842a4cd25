//! What those who run the shop see of its accounts.

pub mod get;
pub mod list;
pub mod update;

use bharatmart_core::identity::User;
use bharatmart_core::{RecordKey, UserId};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "usr_0199a3b1c2d37e4f8a5b6c7d8e9f0a1b";

/// The one that is named in the path; a deleted one too.
async fn named(ctx: &Ctx) -> Result<User, Problem> {
    let missing = || Problem::not_found("user");
    let id: UserId = ctx.path("id").parse().map_err(|_| missing())?;
    ctx.find(&RecordKey::alone(id)).await?.ok_or_else(missing)
}
