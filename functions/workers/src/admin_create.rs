//! Makes the shop's first admin, with the address and the password that whoever deploys the shop has set. Run again, it
//! finds its work done.

use std::fmt::Display;

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{Email, NewPassword, Scene, USER, User, first_admin, password};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{RecordKey, Refusal, Role, Tenant};
use bharatmart_runtime::config::{ADMIN_PASSWORD, AppEnv, DEFAULT_ADMIN_EMAIL};
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
    let email = Email::parse(&ctx.config().admin_email).map_err(|invalid| wrong("ADMIN_EMAIL", invalid))?;
    if ctx.config().app_env == AppEnv::Production && email.as_str() == DEFAULT_ADMIN_EMAIL {
        return Err(wrong("ADMIN_EMAIL", "must be set in production: the default is nobody's address"));
    }
    if let Some(owner) = ctx.owner(&tenant, ClaimKind::Email, email.as_str()).await? {
        return is_there(ctx, &tenant, &owner).await;
    }
    let given = ctx.secret(ADMIN_PASSWORD).await?;
    let given =
        NewPassword::parse(given.reveal(), &[email.as_str()]).map_err(|invalid| wrong(ADMIN_PASSWORD, invalid))?;
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
        _ => return Err(wrong("ADMIN_EMAIL", "has an account that is no admin; an admin may make it one")),
    }
    Ok(())
}

fn wrong(setting: &str, problem: impl Display) -> Fault {
    Fault::broken("settings", format_args!("{setting} {problem}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bharatmart_core::changes::Write;
    use bharatmart_core::{Changes, Expect, UserId};
    use bharatmart_runtime::config::Config;
    use bharatmart_runtime::telemetry::Traces;
    use bharatmart_runtime::{App, Runner};

    use super::*;

    /// A shop of its own: what it says when it is asked for its first admin.
    async fn shop(folder: &std::path::Path, settings: &[(&str, &str)]) -> Runner {
        let base = [("DATA_DIR", folder.to_str().unwrap()), ("SECRET_ADMIN_PASSWORD", "monsoon in Madurai")];
        let settings = base.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::read(settings.collect()).unwrap();
        Runner { app: Arc::new(App::open(Arc::new(config), WORKER.needs).await.unwrap()), traces: Traces::default() }
    }

    async fn said(shop: &Runner) -> Result<(), String> {
        shop.tick(&WORKER, Duration::from_secs(10)).await.map_err(|fault| fault.to_string())
    }

    #[tokio::test]
    async fn run_again_it_finds_its_work_done() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path(), &[("APP_ENV", "test")]).await;
        assert_eq!((said(&shop).await, said(&shop).await), (Ok(()), Ok(())));
    }

    #[tokio::test]
    async fn a_customers_address_is_a_failure_and_makes_no_admin() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path(), &[("APP_ENV", "test"), ("ADMIN_EMAIL", "asha@example.in")]).await;
        let app = shop.app.as_ref();
        let user = User::new(UserId::new(app.ids.as_ref()), Role::Customer, "Asha", app.clock.now());
        let owner = user.id.to_string();
        let claim = Write::Claim { kind: ClaimKind::Email, name: "asha@example.in".to_owned(), owner };
        let changes = Changes::new(&Tenant::main()).put(&user, Expect::New).write(claim);
        app.ports().store.unwrap().commit(changes).await.unwrap();
        assert!(said(&shop).await.unwrap_err().contains("ADMIN_EMAIL has an account that is no admin"));
    }

    #[tokio::test]
    async fn the_address_that_everybody_knows_is_refused_in_production() {
        let folder = tempfile::tempdir().unwrap();
        let production = [
            ("APP_ENV", "production"),
            ("PUBLIC_URL", "https://shop.example"),
            ("MAIL_TYPE", "smtp"),
            ("MAIL_FROM", "shop@shop.example"),
            ("SMTP_URL", "smtps://127.0.0.1:1"),
            ("SECRET_CURSOR_KEY", "one"),
            ("SECRET_TOKEN_KEYS", "two"),
            ("SECRET_REFRESH_KEY", "three"),
            ("SECRET_CODE_KEY", "four"),
            ("SECRET_SEALING_KEY", "five"),
            ("SECRET_CART_KEY", "six"),
            ("SECRET_WEBHOOK_KEY", "seven"),
        ];
        let nobodys = shop(folder.path(), &production).await;
        assert!(said(&nobodys).await.unwrap_err().contains("ADMIN_EMAIL must be set in production"));
        let own = [production.as_slice(), &[("ADMIN_EMAIL", "owner@shop.example")]].concat();
        assert_eq!(said(&shop(folder.path(), &own).await).await, Ok(()));
    }
}
