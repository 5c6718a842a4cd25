//! How a commit that was refused is gone on with.

use bharatmart_core::Refusal;
use bharatmart_core::ports::CommitError;
use bharatmart_runtime::{Ctx, Problem};

/// Whether it was committed. `false`: somebody changed one of the rows first, so read them again and go on.
pub fn settled(outcome: Result<(), CommitError>) -> Result<bool, Problem> {
    match outcome {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(Refusal::VersionChanged(_) | Refusal::Exists(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The same for whoever tries again: `false` comes after a pause.
pub async fn kept(ctx: &Ctx, outcome: Result<(), CommitError>) -> Result<bool, Problem> {
    let kept = settled(outcome)?;
    if !kept {
        ctx.again().await?;
    }
    Ok(kept)
}
