//! What of the shop is switched on, and for whom.

pub mod delete;
pub mod list;
pub mod set;
pub mod show;

use bharatmart_core::RecordKey;
use bharatmart_core::flags::{self, Flag};
use bharatmart_runtime::{Ctx, Problem};

const EXAMPLE: &str = "checkout.new";

/// The name in the path, and the flag of it if there is one.
async fn named(ctx: &Ctx) -> Result<(String, Option<Flag>), Problem> {
    let name = flags::name(ctx.path("name")).ok_or_else(|| {
        Problem::field("name", "invalid_name", "must be 1 to 64 of a-z, 0-9, '.', '-' and '_', a letter first")
    })?;
    let flag = ctx.find(&RecordKey::alone(&name)).await?;
    Ok((name, flag))
}
