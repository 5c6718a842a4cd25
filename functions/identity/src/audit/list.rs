//! What was done by whom.

use bharatmart_core::Permission;
use bharatmart_core::identity::{AUDIT, AuditEntry, AuditView};
use bharatmart_core::record::Listing;
use bharatmart_core::text::bounded;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

pub static ROUTE: Route = Route {
    name: "audit-list",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/admin/audit",
    summary: "List what was done by whom",
    access: Access::may(Permission::ReadAudit),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&AUDIT), Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("Log-ins, refusals, and changes of roles, passwords and keys, newest first."))
        .query("subject", r#"{"type":"string"}"#, "Only what was done to this: a user's id.")
        .answer::<Page<AuditView>>(200, "A page of the audit log.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    let subject = query.take("subject", |text| bounded(text, 1, 200));
    query.finish()?;
    let listing = subject.as_deref().map_or(Listing::All, Listing::By);
    let show = |entry: &AuditEntry| Some(AuditView::from(entry));
    page::answer(ctx, &wanted, listing, |entry: &AuditEntry| entry.id.to_string(), show).await
}
