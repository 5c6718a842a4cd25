//! The code a message carries: made with the shop's keys.

use bharatmart_core::identity::Purpose;
use bharatmart_core::identity::code::Wanted;
use bharatmart_core::notice::{Mint, Minted, mint};
use bharatmart_core::ports::Fault;
use bharatmart_core::{Event, UserId};
use bharatmart_runtime::WorkCtx;
use bharatmart_runtime::config::CODE_KEY;

/// The secret to send; `None` when there is none any more, or when the address was sent enough.
pub async fn secret(
    ctx: &WorkCtx,
    event: &Event,
    purpose: Purpose,
    what: &str,
    user_id: Option<UserId>,
    target: &str,
) -> Result<Option<String>, Fault> {
    let wanted = Wanted { purpose, what, user_id, target: Some(target) };
    let (keys, codes_per_phone) = (ctx.keys(CODE_KEY).await?, ctx.config().limits.codes_per_phone);
    match mint(&ctx.bench(&ctx.held()), Mint { keys: &keys, codes_per_phone }, event, &wanted).await? {
        Minted::Secret(secret) => Ok(Some(secret)),
        Minted::Past => Ok(None),
        Minted::Enough => {
            tracing::info!(event = %event.id, purpose = purpose.name(), "an address or phone was sent enough for now");
            Ok(None)
        }
    }
}
