//! The shop's accounts.

use bharatmart_core::Permission;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{Email, PENDING_EMAIL, Phone, USER, User, UserView};
use bharatmart_core::record::Listing;
use bharatmart_runtime::config::CURSOR_KEY;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::page::{self, Page};
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::accounts;

pub static ROUTE: Route = Route {
    name: "users-list",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/admin/users",
    summary: "List users",
    access: Access::may(Permission::ReadUsers),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&PENDING_EMAIL), Need::READS_CLAIMS, Need::secret(CURSOR_KEY)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    page::parameters(Spec::new("The shop's accounts, newest first; or the one that an address or number logs in to."))
        .query("email", r#"{"type":"string"}"#, "Only whom this e-mail address logs in to.")
        .query("phone", r#"{"type":"string"}"#, "Only whom this phone number logs in to.")
        .answer::<Page<UserView>>(200, "A page of accounts.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut query = ctx.query()?;
    let wanted = page::read(&mut query);
    let email = query.take("email", Email::parse);
    let phone = query.take("phone", Phone::parse);
    query.finish()?;
    if email.is_none() && phone.is_none() {
        let show = |user: &User| Some(UserView::for_admin(user));
        return page::answer(ctx, &wanted, Listing::All, |user: &User| user.id.to_string(), show).await;
    }
    let by_email = match &email {
        Some(email) => accounts::by_email(ctx, email).await?,
        None => None,
    };
    let by_phone = match &phone {
        Some(phone) => accounts::holder(ctx, ClaimKind::Phone, phone.as_str()).await?,
        None => None,
    };
    let found = match (by_email, by_phone) {
        (Some(one), Some(other)) => Some(one).filter(|one| one.id == other.id),
        (one, other) => one.filter(|_| phone.is_none()).or(other.filter(|_| email.is_none())),
    };
    Reply::ok(&Page { data: found.iter().map(UserView::for_admin).collect(), next_cursor: None })
}
