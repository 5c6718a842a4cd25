//! What the cart would cost as an order.

use bharatmart_core::cart::{self, Asked, QuoteView};
use bharatmart_core::delivery::Destination;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use futures_util::future::try_join;

use crate::needs;
use crate::shelf::{coupon_of, shelf};
use crate::whose::Whose;

pub static ROUTE: Route = Route {
    name: "cart-quote",
    service: "cart",
    method: Method::GET,
    path: "/api/v1/cart/quote",
    summary: "Quote the cart",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: needs::PRICES,
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(quote(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "What the cart would cost: subtotal − discount + delivery = total = taxable + cgst + sgst + igst, of the whole \
         and of each line. Lines that cannot be ordered are told in problems and not counted, as is a coupon that does \
         not hold. Without a PIN code the tax is that of the seller's state.",
    )
    .query("pincode", r#"{"type":"string","pattern":"^[1-9][0-9]{5}$"}"#, "Where to: it decides tax and delivery.")
    .answer::<QuoteView>(200, "The quote.")
    .empty(304, "Not changed since the ETag in If-None-Match.")
    .problem(401, "cart_token_invalid")
}

async fn quote(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let destination = query.take("pincode", |text| Destination::parse(text, &ctx.config().reach));
    query.finish()?;
    let (whose, terms) = (Whose::of(ctx).await?, ctx.terms().await);
    let cart = whose.cart(ctx).await?;
    let (shelf, coupon) = try_join(shelf(ctx, &cart.lines, None), coupon_of(ctx, &cart, whose.user())).await?;
    let asked = Asked {
        lines: &cart.lines,
        shelf: &shelf,
        coupon: coupon.as_ref(),
        terms: &terms,
        destination: destination.as_ref(),
        now: ctx.clock().now(),
    };
    Reply::ok(&QuoteView::of(&cart::quote(&asked), &asked))
}
