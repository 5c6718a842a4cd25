//! An edit of a cart: made on the cart as it was read, and committed only if it still is. Otherwise it is made again on
//! what the other edit left, so that neither is lost; who names a version with `If-Match` is told instead.

use std::time::Duration;

use bharatmart_core::cart::{Cart, CartView, Shelf};
use bharatmart_core::ports::CommitError;
use bharatmart_core::{Refusal, Timestamp};
use bharatmart_runtime::{Backoff, Ctx, Problem, Reply};

use crate::refused;
use crate::whose::Whose;

/// With their pauses about a second.
const MOST_TRIES: u32 = 12;
/// Nobody waits longer for a button. Where a try takes long, many are at it, and giving up makes room for them.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Edit<'a> {
    ctx: &'a Ctx,
    pub whose: Whose,
    begun: Timestamp,
    tries: u32,
    pauses: Backoff,
}

impl<'a> Edit<'a> {
    pub async fn begin(ctx: &'a Ctx) -> Result<Self, Problem> {
        let (whose, begun) = (Whose::of(ctx).await?, ctx.clock().now());
        Ok(Edit { ctx, whose, begun, tries: 0, pauses: Backoff::default() })
    }

    /// The cart to edit, if it is the one the caller means.
    pub async fn cart(&self) -> Result<Cart, Problem> {
        let cart = self.whose.cart(self.ctx).await?;
        self.ctx.if_match(cart.version).map_err(|_| refused::version_conflict())?;
        Ok(cart)
    }

    /// Keeps the cart and answers with it. `None`: another edit was first, so begin again from the cart as it is now.
    pub async fn keep(&mut self, cart: Cart, shelf: &Shelf) -> Result<Option<Reply>, Problem> {
        self.keep_and(cart, |cart| shown(cart, shelf)).await
    }

    /// The same with another answer.
    pub async fn keep_and(
        &mut self,
        cart: Cart,
        answer: impl FnOnce(&Cart) -> Result<Reply, Problem>,
    ) -> Result<Option<Reply>, Problem> {
        let (cart, changes) = cart.save(&self.ctx.tenant, self.ctx.clock().now());
        let reply = self.whose.hand_out(self.ctx, answer(&cart)?).await?;
        let outcome = self.ctx.commit(changes, &reply).await;
        Ok(self.settled(outcome).await?.then_some(reply))
    }

    /// Whether it was committed; if not, there is time to begin again.
    pub async fn settled(&mut self, outcome: Result<(), CommitError>) -> Result<bool, Problem> {
        match outcome {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(Refusal::VersionChanged(_) | Refusal::Exists(_))) => {
                self.tries += 1;
                let long = self.ctx.clock().now().since(self.begun) >= PATIENCE;
                let last = long || self.tries == MOST_TRIES || self.ctx.header("if-match").is_some();
                if last || !self.pauses.pause().await { Err(refused::version_conflict()) } else { Ok(false) }
            }
            Err(error) => Err(error.into()),
        }
    }
}

pub fn shown(cart: &Cart, shelf: &Shelf) -> Result<Reply, Problem> {
    Ok(Reply::ok(&CartView::of(cart, shelf))?.version(cart.version))
}
