//! Makes the shop's first admin, with the address and the password that whoever deploys the shop has set. Run again, it
//! finds its work done.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{Email, NewPassword, Scene, USER, User, first_admin, password};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Invalid, RecordKey, Refusal, Role, Tenant};
use bharatmart_runtime::config::ADMIN_PASSWORD;
use bharatmart_runtime::{Job, Need, WorkCtx, Worker};

pub static WORKER: Worker = Worker {
    name: "admin-create",
    service: "workers",
    summary: "Make the first admin",
    job: Job::Once { handler: |ctx| Box::pin(create(ctx)) },
    needs: &[Need::secret(ADMIN_PASSWORD), Need::READS_CLAIMS, Need::reads(&USER), Need::COMMITS],
    memory_mb: 512,
    timeout_s: 20,
};

async fn create(ctx: &WorkCtx) -> Result<(), Fault> {
    let tenant = Tenant::main();
    let email = Email::parse(&ctx.config().admin_email).map_err(|invalid| wrong("ADMIN_EMAIL", &invalid))?;
    if let Some(owner) = ctx.owner(&tenant, ClaimKind::Email, email.as_str()).await? {
        return is_there(ctx, &tenant, &owner).await;
    }
    let given = ctx.secret(ADMIN_PASSWORD).await?;
    let given =
        NewPassword::parse(given.reveal(), &[email.as_str()]).map_err(|invalid| wrong(ADMIN_PASSWORD, &invalid))?;
    let scene = Scene { tenant: &tenant, clock: ctx.clock(), ids: ctx.ids(), random: ctx.random(), address: None };
    // Nothing else runs in this function that a hash could keep waiting.
    let hash = password::hash(given.reveal(), ctx.random());
    match ctx.commit(first_admin(scene, &email, hash)).await {
        Ok(()) => tracing::info!("made the first admin"),
        Err(CommitError::Refused(Refusal::NameTaken { .. })) => tracing::info!("another run made the first admin"),
        Err(CommitError::Refused(refusal)) => return Err(Fault::broken("store", refusal)),
        Err(CommitError::Fault(fault)) => return Err(fault),
    }
    Ok(())
}

async fn is_there(ctx: &WorkCtx, tenant: &Tenant, owner: &str) -> Result<(), Fault> {
    match ctx.find::<User>(tenant, &RecordKey::alone(owner)).await? {
        Some(user) if user.role == Role::Admin => tracing::info!("there is an admin"),
        // Not made one behind their back: they chose their own password.
        _ => tracing::warn!("the account of ADMIN_EMAIL is no admin; an admin may make it one"),
    }
    Ok(())
}

fn wrong(setting: &str, invalid: &Invalid) -> Fault {
    Fault::broken("settings", format_args!("{setting} {invalid}"))
}
