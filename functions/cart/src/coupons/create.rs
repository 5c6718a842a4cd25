//! Make a coupon.

use bharatmart_core::ports::CommitError;
use bharatmart_core::pricing::{Coupon, CouponInput, CouponView, manage};
use bharatmart_core::{Permission, Refusal};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "coupons-create",
    service: "cart",
    method: Method::POST,
    path: "/api/v1/admin/coupons",
    summary: "Make a coupon",
    access: Access::may(Permission::ManageCoupons),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Makes a coupon: a percentage with an upper bound, an amount, or free delivery; with its window, the least a cart \
         must come to, and how many orders may use it, of all customers and of one.",
    )
    .body::<CouponInput>()
    .answer::<CouponView>(201, "The coupon.")
    .problem(409, "coupon_exists")
    .problem(409, "request_in_progress")
    .problem(422, "idempotency_key_reused")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let coupon = Coupon::parse(ctx.json::<CouponInput>()?, ctx.clock().now()).map_err(Problem::invalid)?;
    let changes = manage::create(ctx.hand(), &coupon);
    let reply = Reply::json(StatusCode::CREATED, &CouponView::of(&coupon))?.version(coupon.version);
    let reply = reply.header("Location", format!("/api/v1/admin/coupons/{}", coupon.code));
    match ctx.commit(changes, &reply).await {
        Ok(()) => Ok(reply),
        Err(CommitError::Refused(Refusal::Exists(_))) => {
            Err(Problem::conflict("coupon_exists", "There is a coupon of this code already."))
        }
        Err(error) => Err(error.into()),
    }
}
