//! Bring a guest's cart along at login.

use bharatmart_core::cart::{self, Capped, Cart, CartView, Shelf};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use futures_util::future::try_join;
use schemars::JsonSchema;
use serde::Serialize;

use crate::edit::Edit;
use crate::needs;
use crate::refused;
use crate::shelf::shelf;
use crate::whose::{Whose, without_cookie};

pub static ROUTE: Route = Route {
    name: "cart-merge",
    service: "cart",
    method: Method::POST,
    path: "/api/v1/cart/merge",
    summary: "Bring a guest's cart along",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: needs::EDITS,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(merge(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergedCart")]
pub struct MergedView {
    cart: CartView,
    notes: Vec<Note>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MergeNote")]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// There is as much of it as one may have.
    Capped { sku: String, wanted: u32, quantity: u32 },
}

pub fn spec() -> Spec {
    Spec::new(
        "Puts the lines of the guest's cart, named by its token, into the caller's and takes that cart away. Quantities \
         are summed as far as the product allows. Without a guest's cart nothing changes, so it may be repeated.",
    )
    .answer::<MergedView>(200, "The caller's cart.")
    .problem(401, "cart_token_invalid")
    .if_match(409, "cart_version_conflict")
    .problem(409, "cart_full")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn merge(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let guest = Whose::guest(ctx).await?;
    let mut edit = Edit::begin(ctx).await?;
    loop {
        let (cart, guest) = try_join(edit.cart(), async { Ok(guest.cart(ctx).await?) }).await?;
        let shelf = shelf(ctx, &[cart.lines.as_slice(), &guest.lines].concat(), None).await?;
        if guest.lines.is_empty() && guest.coupon.is_none() {
            return answer(ctx, &cart, &shelf, &[]);
        }
        let merged = cart::merge(cart, &guest, &shelf).map_err(refused::too_many_to_merge)?;
        let (cart, changes) = merged.cart.save(&ctx.tenant, ctx.clock().now());
        let reply = answer(ctx, &cart, &shelf, &merged.capped)?;
        if edit.settled(ctx.commit(changes.remove(&guest), &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// The guest's token has done what it was for.
fn answer(ctx: &Ctx, cart: &Cart, shelf: &Shelf, capped: &[Capped]) -> Result<Reply, Problem> {
    let note = |capped: &Capped| {
        let Capped { sku, wanted, quantity } = capped;
        Note::Capped { sku: sku.to_string(), wanted: *wanted, quantity: *quantity }
    };
    let view = MergedView { cart: CartView::of(cart, shelf), notes: capped.iter().map(note).collect() };
    let reply = Reply::ok(&view)?.version(cart.version);
    Ok(without_cookie(ctx).into_iter().fold(reply, |reply, cookie| reply.header("Set-Cookie", cookie)))
}
