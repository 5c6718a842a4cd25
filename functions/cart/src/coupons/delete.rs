//! Take a coupon away.

use bharatmart_core::ports::CommitError;
use bharatmart_core::pricing::{COUPON, manage};
use bharatmart_core::{Permission, Refusal};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "coupons-delete",
    service: "cart",
    method: Method::DELETE,
    path: "/api/v1/admin/coupons/{code}",
    summary: "Take a coupon away",
    access: Access::may(Permission::ManageCoupons),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&COUPON), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Carts that hold it are told that it counts no more. How often it was used is remembered: a later one of this \
         code goes on counting.",
    )
    .path("code", "The coupon's code, in any case.", super::EXAMPLE)
    .empty(204, "It is gone.")
    .problem(404, "not_found")
    .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let reply = Reply::no_content();
    loop {
        let coupon = super::named(ctx).await?;
        ctx.if_match(coupon.version)?;
        match ctx.commit(manage::remove(ctx.hand(), &coupon), &reply).await {
            Ok(()) => return Ok(reply),
            Err(CommitError::Refused(Refusal::VersionChanged(_))) => ctx.again().await?,
            Err(error) => return Err(error.into()),
        }
    }
}
