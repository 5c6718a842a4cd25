//! The caller's wishlist.

use std::collections::BTreeMap;

use bharatmart_core::ProductId;
use bharatmart_core::catalog::{ListedProduct, Status, StockedProduct, WISH};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec, Wanted};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "wishlist-list",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/users/me/wishlist",
    summary: "Read one's wishlist",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&WISH), Need::READS_CATALOG],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What was added last comes first. What the shop sells no longer is left out, and back when it is.")
        .answer::<Wishlist>(200, "The products.")
}

#[derive(Serialize, JsonSchema)]
struct Wishlist {
    data: Vec<WishedProduct>,
    next_cursor: Option<String>,
    total: usize,
}

#[derive(Serialize, JsonSchema)]
struct WishedProduct {
    #[serde(flatten)]
    product: ListedProduct,
    added_at: String,
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut wishes = super::wishes(ctx, ctx.user()?.user).await?;
    wishes.sort_by_key(|wish| std::cmp::Reverse((wish.added_at, wish.product_id)));
    let ids: Vec<ProductId> = wishes.iter().map(|wish| wish.product_id).collect();
    let found = ctx.catalog()?.products(&ctx.tenant, &ids).await?;
    let found: BTreeMap<ProductId, StockedProduct> = found.into_iter().map(|it| (it.product.id, it)).collect();
    let mut data = Vec::with_capacity(wishes.len());
    for wish in &wishes {
        let sold = found.get(&wish.product_id).filter(|stocked| stocked.product.status == Status::Active);
        let Some(stocked) = sold else { continue };
        let Some(category) = ctx.category(Wanted::Id(stocked.product.category)).await? else { continue };
        let product = ListedProduct::of(stocked, &category);
        data.push(WishedProduct { product, added_at: wish.added_at.to_string() });
    }
    Reply::ok(&Wishlist { total: data.len(), data, next_cursor: None })
}
