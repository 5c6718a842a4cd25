//! What a permission asks of the store besides a good token.

use bharatmart_core::identity::{Session, User, UserStatus};
use bharatmart_core::{Changes, Expect, Permission, Role, Tenant};

use super::{Shop, code};
use crate::route::Access;

const MAY: Access = Access::may(Permission::ReadOrders);

impl Shop {
    async fn of_support() -> Self {
        let mut shop = Shop::open().await;
        let user = User { role: Role::Support, ..shop.user.next(shop.app.clock.now()) };
        shop.user = shop.save(user).await;
        shop
    }

    async fn save(&self, user: User) -> User {
        self.commit(Changes::new(&Tenant::main()).put(&user, Expect::Version(user.version - 1))).await;
        user
    }

    /// What becomes of a token that was good, once the account is this.
    async fn once(&self, change: impl FnOnce(User) -> User) -> &'static str {
        let token = self.token().await;
        assert_eq!(code(self.call(MAY, &token).await), "let in");
        self.save(change(self.user.next(self.app.clock.now()))).await;
        assert_eq!(self.code(&token).await, "let in", "elsewhere it dies with its token");
        code(self.call(MAY, &token).await)
    }
}

#[tokio::test]
async fn a_role_without_the_permission_is_told_so() {
    let shop = Shop::open().await;
    assert_eq!(code(shop.call(MAY, &shop.token().await).await), "forbidden");
}

#[tokio::test]
async fn a_disabled_or_demoted_user_may_nothing_any_more() {
    let shop = Shop::of_support().await;
    assert_eq!(shop.once(|user| User { status: UserStatus::Disabled, ..user }).await, "session_revoked");
    let shop = Shop::of_support().await;
    assert_eq!(shop.once(|user| User { status: UserStatus::Deleted, ..user }).await, "session_revoked");
    let shop = Shop::of_support().await;
    assert_eq!(shop.once(|user| User { role: Role::Customer, ..user }).await, "session_revoked");
}

#[tokio::test]
async fn a_user_who_logged_out_everywhere_may_nothing_any_more() {
    let shop = Shop::of_support().await;
    shop.pass(1);
    let now = shop.app.clock.now();
    assert_eq!(shop.once(|user| User { sessions_since: now, ..user }).await, "session_revoked");
}

#[tokio::test]
async fn a_session_that_ended_may_nothing_any_more() {
    let revoked = |session: Session| Session { revoked_at: Some(session.created_at), ..session };
    let run_out = |session: Session| Session { expires_at: session.created_at, ..session };
    for end in [revoked, run_out] as [fn(Session) -> Session; 2] {
        let shop = Shop::of_support().await;
        let token = shop.token().await;
        assert_eq!(code(shop.call(MAY, &token).await), "let in");
        let ended = end(Session { version: 2, ..shop.session.clone() });
        shop.commit(Changes::new(&Tenant::main()).put(&ended, Expect::Version(1))).await;
        assert_eq!(code(shop.call(MAY, &token).await), "session_revoked");
    }
    let shop = Shop::of_support().await;
    let token = shop.token().await;
    shop.commit(Changes::new(&Tenant::main()).remove(&shop.session)).await;
    assert_eq!(code(shop.call(MAY, &token).await), "session_revoked", "one that is gone");
}
