//! Passwords at the door: counted before they are looked at, and the lock after too many wrong ones.

use bharatmart_core::identity::lock::{Lock, WINDOW, WRONG_PASSWORDS};
use bharatmart_core::identity::{Action, Actor, PasswordCheck, User};
use bharatmart_core::ports::Fault;
use bharatmart_runtime::{Ctx, Problem};

use super::refused;
use super::scene::scene;

/// Somebody who says who they are, with a password that was looked at.
pub struct Knock {
    lock: Lock,
    nth: u64,
    pub check: PasswordCheck,
}

impl Knock {
    /// Without a `hash` it takes as long as with one.
    pub async fn at(ctx: &Ctx, identifier: &str, password: &str, hash: Option<&str>) -> Result<Self, Problem> {
        let lock = Lock::of(identifier, &ctx.network());
        let locked = ctx.count(&lock.locked, 0, WINDOW).await?;
        if locked.value > 0 {
            return Err(refused::too_often("account_locked", LOCKED, &locked));
        }
        // Counted only with room to look at it: or whoever keeps all room taken would lock owners out.
        let place = ctx.password_place().await?;
        let tries = ctx.count(&lock.tries, 1, WINDOW).await?;
        if tries.value > WRONG_PASSWORDS {
            return Err(refused::too_often("account_locked", LOCKED, &tries));
        }
        Ok(Knock { lock, nth: tries.value, check: place.check(password, hash).await? })
    }

    pub async fn right(self, ctx: &Ctx) -> Result<(), Fault> {
        forget(ctx, &self.lock).await
    }

    /// `whose`: the account, when there is one.
    pub async fn wrong(self, ctx: &Ctx, whose: Option<&User>) -> Result<(), Problem> {
        let locks = self.nth >= WRONG_PASSWORDS;
        if locks {
            ctx.count(&self.lock.locked, 1, WINDOW).await?;
        }
        let subject = whose.map_or("unknown".to_owned(), |user| user.id.to_string());
        let scene = scene(ctx);
        let entry = scene.audit(Action::LoginFailed, Actor::Guest, subject);
        let entry = if locks { entry.detail("locked", true) } else { entry };
        Ok(ctx.note(scene.told(&entry)).await?)
    }
}

const LOCKED: &str = "Too many wrong passwords; wait, or reset the password.";

/// Takes the lock away: whoever shows in another way that the account is theirs need not wait.
pub async fn forget(ctx: &Ctx, lock: &Lock) -> Result<(), Fault> {
    ctx.reset(&lock.tries).await?;
    ctx.reset(&lock.locked).await
}

/// Asks somebody who is logged in for the password once more.
pub async fn confirm_password(ctx: &Ctx, user: &User, password: &str) -> Result<(), Problem> {
    let knock = Knock::at(ctx, &user.id.to_string(), password, user.password_hash.as_deref()).await?;
    if knock.check.right {
        return Ok(knock.right(ctx).await?);
    }
    knock.wrong(ctx, Some(user)).await?;
    Err(refused::wrong_password())
}
