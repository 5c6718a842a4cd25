//! A customer deletes the account. It stays as a name for its orders; who it was is forgotten, every session has ended,
//! and its e-mail address and phone are free for others.

use super::address::Address;
use super::audit::{Action, Actor};
use super::scene::Scene;
use super::user::{PendingEmail, User, UserStatus};
use crate::access::Role;
use crate::changes::{Changes, ClaimKind, Expect, Write};
use crate::event::EventKind;

/// An admin must be made something else first, by another: so there is always one left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsAdmin;

/// `addresses` are all of the account's; `pending` lets its unproved address log in, if there is one.
pub fn erase(
    scene: Scene<'_>,
    user: &User,
    addresses: &[Address],
    pending: Option<&PendingEmail>,
) -> Result<Changes, IsAdmin> {
    if user.role == Role::Admin {
        return Err(IsAdmin);
    }
    let now = scene.now();
    let erased = User {
        version: user.version + 1,
        status: UserStatus::Deleted,
        created_at: user.created_at,
        ..User::new(user.id, user.role, "", now)
    };
    let mut changes = scene.changes().put(&erased, Expect::Version(user.version));
    let claims =
        [(ClaimKind::Email, user.email_verified, &user.email), (ClaimKind::Phone, user.phone_verified, &user.phone)];
    for (kind, held, name) in claims {
        if let Some(name) = name.clone().filter(|_| held) {
            changes = changes.write(Write::Unclaim { kind, name, owner: user.id.to_string() });
        }
    }
    if let Some(pending) = pending.filter(|pending| pending.user_id == user.id) {
        changes = changes.remove(pending);
    }
    for address in addresses {
        changes = changes.remove(address);
    }
    let entry = scene.audit(Action::UserDeleted, Actor::User(user.id), user.id);
    let deleted = erased.event(EventKind::UserDeleted, scene.tenant, scene.clock, scene.ids);
    Ok(changes.put(&entry, Expect::New).event(deleted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::samples::{World, claims, user};
    use crate::identity::user::Mfa;
    use crate::record::Row;
    use crate::time::Timestamp;

    fn known() -> User {
        User {
            email: Some("asha@example.in".to_owned()),
            email_verified: true,
            new_email: Some("rao@example.in".to_owned()),
            phone: Some("+919876543210".to_owned()),
            phone_verified: true,
            picture: Some("/media/asha.webp".to_owned()),
            password_hash: Some("$argon2id$…".to_owned()),
            mfa: Some(Mfa { secret: "sealed".to_owned(), confirmed: true, last_step: 1, recovery: vec![] }),
            ..user()
        }
    }

    fn erased(user: &User) -> (User, Changes) {
        let world = World::new();
        let changes = erase(world.scene(), user, &[], None).unwrap();
        let Write::Record { row, .. } = &changes.writes[0] else { panic!("the account comes first") };
        (Row::read(row.fields.clone()).unwrap(), changes)
    }

    #[test]
    fn nothing_is_left_that_tells_who_it_was() {
        let (left, changes) = erased(&known());
        let expected = User {
            version: 2,
            status: UserStatus::Deleted,
            created_at: user().created_at,
            ..User::new(user().id, Role::Customer, "", left.updated_at)
        };
        assert_eq!(left, expected);
        let written = format!("{:?} {:?}", changes.writes[0], changes.events);
        for secret in ["asha", "Asha", "rao@", "98765", "argon2", "sealed"] {
            assert!(!written.contains(secret), "{secret}");
        }
    }

    #[test]
    fn address_and_phone_are_free_again_and_every_session_has_ended() {
        let (left, changes) = erased(&known());
        assert_eq!(claims(&changes), ["-email asha@example.in", "-phone +919876543210"]);
        assert!(left.sessions_since > known().sessions_since);
        let unproved = User { email_verified: false, phone_verified: false, ..known() };
        assert!(claims(&erased(&unproved).1).is_empty());
    }

    #[test]
    fn another_accounts_pending_address_is_left_alone() {
        let world = World::new();
        let pending = |user: User| PendingEmail {
            email: "asha@example.in".to_owned(),
            version: 3,
            user_id: user.id,
            expires_at: Timestamp::from_millis(0),
        };
        let other = User { id: crate::identity::samples::user_id(9), ..user() };
        let removes = |pending: &PendingEmail| {
            let changes = erase(world.scene(), &user(), &[], Some(pending)).unwrap();
            changes.writes.iter().any(|write| matches!(write, Write::Remove { version: 3, .. }))
        };
        assert!(removes(&pending(user())) && !removes(&pending(other)));
    }

    #[test]
    fn an_admin_does_not_delete_himself() {
        let world = World::new();
        let admin = User { role: Role::Admin, ..user() };
        assert_eq!(erase(world.scene(), &admin, &[], None).unwrap_err(), IsAdmin);
    }
}
