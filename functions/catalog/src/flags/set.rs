//! Set a flag.

use bharatmart_core::Permission;
use bharatmart_core::flags::{self, FLAG, FlagInput, FlagSetting, FlagView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::named;
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "flags-set",
    service: "catalog",
    method: Method::PUT,
    path: "/api/v1/admin/flags/{name}",
    summary: "Set a flag",
    access: Access::may(Permission::ManageFlags),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&FLAG), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(set(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Makes the flag, or puts this in its place. Everybody sees it within seconds.")
        .path("name", "The flag's name.", super::EXAMPLE)
        .body::<FlagInput>()
        .answer::<FlagView>(200, "The flag as it is now.")
        .if_match(412, "version_changed")
}

async fn set(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let setting = FlagSetting::parse(&ctx.json::<FlagInput>()?).map_err(Problem::invalid)?;
    loop {
        let (name, known) = named(ctx).await?;
        ctx.if_match(known.as_ref().map_or(0, |flag| flag.version))?;
        let (flag, changes) = flags::set(ctx.hand(), &name, known.as_ref(), setting.clone());
        let reply = Reply::ok(&FlagView::from(&flag))?.version(flag.version);
        let Some(changes) = changes else { return Ok(reply) };
        if kept(ctx, ctx.commit(changes, &reply).await).await? {
            ctx.forget_flags();
            return Ok(reply);
        }
    }
}
