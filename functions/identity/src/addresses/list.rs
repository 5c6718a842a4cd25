//! The caller's addresses.

use bharatmart_core::identity::addresses::MAX_ADDRESSES;
use bharatmart_core::identity::{ADDRESS, Address, AddressView, USER};
use bharatmart_core::record::Listing;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::Page;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-list",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/users/me/addresses",
    summary: "List one's addresses",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&ADDRESS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("All of the caller's addresses, at most ten: the default first, then the newest.")
        .answer::<Page<AddressView>>(200, "The addresses.")
        .problem(401, "session_revoked")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let user = mine::account(ctx).await?;
    let of_user = user.id.to_string();
    let addresses: Vec<Address> = ctx.list(Listing::Within(&of_user), None, MAX_ADDRESSES as usize).await?;
    let mut data: Vec<_> = addresses.iter().map(|address| AddressView::of(address, &user)).collect();
    data.sort_by_key(|address| !address.is_default);
    Reply::ok(&Page { data, next_cursor: None })
}
