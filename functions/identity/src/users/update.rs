//! Give a user another role, or shut and open the account.

use bharatmart_core::Permission;
use bharatmart_core::identity::admin::{self, ChangeRefused};
use bharatmart_core::identity::{USER, UserChange, UserChangeInput, UserView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::refused;
use crate::access::steps::scene::scene;

pub static ROUTE: Route = Route {
    name: "users-update",
    service: "identity",
    method: Method::PATCH,
    path: "/api/v1/admin/users/{id}",
    summary: "Change a user's role or status",
    access: Access::may(Permission::ManageUsers),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What is absent stays. A disabled account's sessions have ended. Nobody changes his own account here.")
        .path("id", "The user's id.", super::EXAMPLE)
        .body::<UserChangeInput>()
        .answer::<UserView>(200, "The account as it is now.")
        .problem(404, "not_found")
        .problem(409, "own_account")
        .problem(409, "user_deleted")
        .problem(409, "role_from_issuer")
        .if_match(412, "version_changed")
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    let change = UserChange::parse(&ctx.json::<UserChangeInput>()?).map_err(Problem::invalid)?;
    loop {
        let user = super::named(ctx).await?;
        ctx.if_match(user.version)?;
        let (user, changes) = admin::change(scene(ctx), ctx.user()?.user, &user, change).map_err(refusal)?;
        let reply = Reply::ok(&UserView::for_admin(&user))?.version(user.version);
        let Some(changes) = changes else { return Ok(reply) };
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

fn refusal(refused: ChangeRefused) -> Problem {
    match refused {
        ChangeRefused::OwnAccount => {
            Problem::conflict("own_account", "Another admin must change your own role or status.")
        }
        ChangeRefused::Deleted => Problem::conflict("user_deleted", "Its owner deleted this account."),
        ChangeRefused::RoleFromIssuer => {
            Problem::conflict("role_from_issuer", "An outside issuer says which role its users have.")
        }
    }
}
