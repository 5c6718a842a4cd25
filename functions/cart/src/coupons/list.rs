//! The shop's coupons.

use bharatmart_core::Permission;
use bharatmart_core::pricing::{COUPON, Coupon, CouponView};
use bharatmart_core::record::Listing;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "coupons-list",
    service: "cart",
    method: Method::GET,
    path: "/api/v1/admin/coupons",
    summary: "List coupons",
    access: Access::may(Permission::ManageCoupons),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&COUPON), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("The shop's coupons by their codes, from Z to A; a new one is there within seconds."))
        .answer::<Page<CouponView>>(200, "A page of coupons.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    query.finish()?;
    let show = |coupon: &Coupon| Some(CouponView::of(coupon));
    page::answer(ctx, &wanted, Listing::All, |coupon: &Coupon| coupon.code.clone(), show).await
}
