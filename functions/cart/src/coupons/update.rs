//! Change a coupon.

use bharatmart_core::ports::CommitError;
use bharatmart_core::pricing::{COUPON, CouponChangeInput, CouponView, manage};
use bharatmart_core::{Permission, Refusal};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "coupons-update",
    service: "cart",
    method: Method::PATCH,
    path: "/api/v1/admin/coupons/{code}",
    summary: "Change a coupon",
    access: Access::may(Permission::ManageCoupons),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&COUPON), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What is absent stays; null takes a bound away. Needs If-Match. Carts that hold it feel it at once.")
        .path("code", "The coupon's code, in any case.", super::EXAMPLE)
        .body::<CouponChangeInput>()
        .answer::<CouponView>(200, "The coupon as it is now.")
        .problem(404, "not_found")
        .must_match()
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let given: CouponChangeInput = ctx.json()?;
    loop {
        let before = super::named(ctx).await?;
        ctx.must_match(before.version)?;
        let after = before.changed(given.clone()).map_err(Problem::invalid)?;
        let (after, changes) = manage::change(ctx.hand(), &before, after);
        let reply = Reply::ok(&CouponView::of(&after))?.version(after.version);
        let Some(changes) = changes else { return Ok(reply) };
        match ctx.commit(changes, &reply).await {
            Ok(()) => return Ok(reply),
            // Whoever named a version is told in the next round.
            Err(CommitError::Refused(Refusal::VersionChanged(_))) => ctx.again().await?,
            Err(error) => return Err(error.into()),
        }
    }
}
