//! Take a flag away.

use bharatmart_core::Permission;
use bharatmart_core::flags::{self, FLAG};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::named;
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "flags-delete",
    service: "catalog",
    method: Method::DELETE,
    path: "/api/v1/admin/flags/{name}",
    summary: "Delete a flag",
    access: Access::may(Permission::ManageFlags),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&FLAG), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Whoever asks for it is given the default again.")
        .path("name", "The flag's name.", super::EXAMPLE)
        .empty(204, "Deleted.")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    loop {
        let flag = named(ctx).await?.1.ok_or_else(|| Problem::not_found("flag"))?;
        ctx.if_match(flag.version)?;
        let reply = Reply::no_content();
        if kept(ctx, ctx.commit(flags::remove(ctx.hand(), &flag), &reply).await).await? {
            ctx.forget_flags();
            return Ok(reply);
        }
    }
}
