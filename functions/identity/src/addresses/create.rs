//! Add an address.

use bharatmart_core::identity::addresses::{self, BookFull, MAX_ADDRESSES};
use bharatmart_core::identity::{AddressInput, AddressView, Place, USER};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::refused;
use crate::access::steps::scene::scene;
use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-create",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/users/me/addresses",
    summary: "Add an address",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::Optional,
    needs: &[Need::reads(&USER), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(create(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Adds an address, ten at most. The first one is the default.")
        .body::<AddressInput>()
        .answer::<AddressView>(201, "The address as it was added.")
        .problem(401, "session_revoked")
        .problem(409, "too_many_addresses")
        .problem(409, "request_in_progress")
        .problem(422, "idempotency_key_reused")
}

async fn create(ctx: &Ctx) -> Result<Reply, Problem> {
    let place = Place::parse(ctx.json::<AddressInput>()?).map_err(Problem::invalid)?;
    loop {
        let user = mine::account(ctx).await?;
        let booked = addresses::add(scene(ctx), &user, &place).map_err(|BookFull| book_full())?;
        let reply = Reply::json(StatusCode::CREATED, &AddressView::of(&booked.address, &booked.user))?;
        let place = format!("/api/v1/users/me/addresses/{}", booked.address.id);
        let reply = reply.version(booked.address.version).header("Location", place);
        if refused::kept(ctx, ctx.commit(booked.changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

fn book_full() -> Problem {
    Problem::conflict("too_many_addresses", format!("There are {MAX_ADDRESSES} addresses already; delete one first."))
}
