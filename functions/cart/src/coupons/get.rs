//! One coupon.

use bharatmart_core::Permission;
use bharatmart_core::pricing::{COUPON, CouponView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "coupons-get",
    service: "cart",
    method: Method::GET,
    path: "/api/v1/admin/coupons/{code}",
    summary: "Read a coupon",
    access: Access::may(Permission::ManageCoupons),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&COUPON)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One coupon, with the ETag that a change of it must name.")
        .path("code", "The coupon's code, in any case.", super::EXAMPLE)
        .answer::<CouponView>(200, "The coupon.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let coupon = super::named(ctx).await?;
    Ok(Reply::ok(&CouponView::of(&coupon))?.version(coupon.version))
}
