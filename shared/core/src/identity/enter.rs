//! Ways into the shop: accounts as they are made, and sessions as they begin. Whether somebody may come in was decided
//! before.

use std::time::Duration;

use super::audit::{Action, Actor};
use super::refresh::RefreshToken;
use super::scene::Scene;
use super::session::{Device, Session};
use super::signup::SignUp;
use super::user::{PendingEmail, User};
use super::words::{Email, Phone};
use crate::access::Role;
use crate::changes::{Changes, ClaimKind, Expect, Write};
use crate::event::EventKind;
use crate::ids::{SessionId, UserId};
use crate::notice::Notice;
use crate::time::Timestamp;

/// How long an unproved address logs in the account that gave it first.
const PENDING: Duration = Duration::from_secs(24 * 3600);

/// Somebody who is in, once the changes are committed.
#[derive(Clone, Debug)]
pub struct Entered {
    pub user: User,
    pub session: SessionId,
    pub token: RefreshToken,
    pub changes: Changes,
}

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Password,
    Phone,
    SecondFactor,
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            By::Password => "password",
            By::Phone => "phone",
            By::SecondFactor => "second_factor",
        }
    }
}

/// Begins a session of the user, beside what `changes` holds already. It counts from `since`, a moment before the user
/// was read: so what ended all sessions while a password was looked at ends this one too.
pub fn log_in(scene: Scene<'_>, user: User, by: By, since: Timestamp, device: Device, changes: Changes) -> Entered {
    let audit = scene.audit(Action::Login, Actor::User(user.id), user.id).detail("by", by.name());
    begin(scene, user, since, device, changes.put(&audit, Expect::New))
}

/// A new account that its e-mail address and password log in to. The address is claimed when it is proved; until then it
/// logs in here when `pending` says how to write that: not when an earlier account waits for the same address.
pub fn sign_up(
    scene: Scene<'_>,
    input: &SignUp,
    password_hash: String,
    pending: Option<Expect>,
    device: Device,
) -> Entered {
    let email = String::from(input.email.clone());
    let user = User {
        email: Some(email.clone()),
        phone: input.phone.clone().map(String::from),
        password_hash: Some(password_hash),
        ..User::new(UserId::new(scene.ids), Role::Customer, input.name.as_str(), scene.now())
    };
    let mut changes = scene.changes();
    if let Some(expect) = pending {
        let version = if let Expect::Version(version) = expect { version + 1 } else { 1 };
        let expires_at = scene.now().after(PENDING);
        let pending = PendingEmail { email: email.clone(), version, user_id: user.id, expires_at };
        changes = changes.put(&pending, expect);
    }
    let changes = created(scene, &user, Actor::User(user.id), changes);
    let verify = Notice::VerifyEmail { user_id: user.id, email };
    let changes = changes.event(verify.event(scene.tenant, scene.clock, scene.ids));
    let since = user.created_at;
    begin(scene, user, since, device, changes)
}

/// The first login by a phone makes its account; the phone is proved. Nobody has told a name yet.
pub fn sign_up_by_phone(scene: Scene<'_>, phone: &Phone, device: Device, changes: Changes) -> Entered {
    let user = User {
        phone: Some(phone.as_str().to_owned()),
        phone_verified: true,
        ..User::new(UserId::new(scene.ids), Role::Customer, "", scene.now())
    };
    let changes = changes.write(claim(ClaimKind::Phone, phone.as_str(), user.id));
    let changes = created(scene, &user, Actor::User(user.id), changes);
    let since = user.created_at;
    begin(scene, user, since, device, changes)
}

/// An admin by the word of whoever deploys the shop, who answers for the address.
pub fn first_admin(scene: Scene<'_>, email: &Email, password_hash: String) -> Changes {
    let user = User {
        email: Some(email.as_str().to_owned()),
        email_verified: true,
        password_hash: Some(password_hash),
        ..User::new(UserId::new(scene.ids), Role::Admin, "Admin", scene.now())
    };
    let changes = scene.changes().write(claim(ClaimKind::Email, email.as_str(), user.id));
    created(scene, &user, Actor::Shop, changes)
}

pub(super) fn created(scene: Scene<'_>, user: &User, actor: Actor, changes: Changes) -> Changes {
    let audit = scene.audit(Action::Signup, actor, user.id).detail("role", user.role.name());
    let event = user.event(EventKind::UserCreated, scene.tenant, scene.clock, scene.ids);
    changes.put(user, Expect::New).put(&audit, Expect::New).event(event)
}

fn begin(scene: Scene<'_>, user: User, since: Timestamp, device: Device, changes: Changes) -> Entered {
    let id = SessionId::new(scene.ids);
    let (session, token) = Session::begin(user.id, id, device, since, scene.random);
    Entered { user, session: id, token, changes: changes.put(&session, Expect::New) }
}

pub(super) fn claim(kind: ClaimKind, name: &str, owner: UserId) -> Write {
    Write::Claim { kind, name: name.to_owned(), owner: owner.to_string() }
}

pub(super) fn unclaim(kind: ClaimKind, name: &str, owner: UserId) -> Write {
    Write::Unclaim { kind, name: name.to_owned(), owner: owner.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::samples::user;
    use crate::identity::testing::Stage;
    use crate::identity::{SignUpInput, UserStatus};
    use crate::record::{Record, Row};

    fn asha() -> SignUp {
        let input = json!({ "email": "Asha@Example.in", "password": "monsoon in Madurai", "name": "Asha",
            "phone": "+919876543210" });
        SignUp::parse(serde_json::from_value::<SignUpInput>(input).unwrap()).unwrap()
    }

    fn kinds(changes: &Changes) -> Vec<String> {
        changes.writes.iter().map(|write| write.key().split('/').next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn a_sign_up_claims_neither_address_nor_phone() {
        let stage = Stage::new();
        let entered = sign_up(stage.scene(), &asha(), "hash".to_owned(), Some(Expect::New), Device::default());
        assert_eq!(kinds(&entered.changes), ["pending_email", "user", "audit", "session"]);
        let user = &entered.user;
        assert_eq!((user.email.as_deref(), user.email_verified), (Some("asha@example.in"), false));
        assert_eq!((user.phone.as_deref(), user.phone_verified), (Some("+919876543210"), false));
        assert_eq!((user.role, user.status), (Role::Customer, UserStatus::Active));
        assert_eq!(entered.changes.check(), Ok(()));
    }

    #[test]
    fn a_second_sign_up_leaves_the_address_to_the_first_that_waits_for_it() {
        let stage = Stage::new();
        let entered = sign_up(stage.scene(), &asha(), "hash".to_owned(), None, Device::default());
        assert_eq!(kinds(&entered.changes), ["user", "audit", "session"]);
    }

    #[test]
    fn the_first_login_by_a_phone_claims_it() {
        let stage = Stage::new();
        let phone = Phone::parse("+919876543210").unwrap();
        let entered = sign_up_by_phone(stage.scene(), &phone, Device::default(), stage.scene().changes());
        assert_eq!(kinds(&entered.changes), ["claim", "user", "audit", "session"]);
        assert!(entered.user.phone_verified && entered.user.password_hash.is_none());
    }

    #[test]
    fn a_session_begun_while_all_were_ended_has_ended_with_them() {
        let stage = Stage::new();
        let scene = stage.scene();
        let read = user();
        let since = scene.now().before(Duration::from_millis(50));
        // The password is looked at, and meanwhile:
        let reset = User { sessions_since: scene.now().before(Duration::from_millis(20)), ..read.clone() };
        let entered = log_in(scene, read.clone(), By::Password, since, Device::default(), scene.changes());
        let session = entered.changes.writes.iter().find_map(|write| match write {
            Write::Record { row, .. } if row.kind == Session::KIND => Row::read::<Session>(row.fields.clone()).ok(),
            _ => None,
        });
        let session = session.unwrap();
        assert!(session.holds(&read, scene.now()) && !session.holds(&reset, scene.now()));
    }

    #[test]
    fn no_event_holds_a_secret() {
        let stage = Stage::new();
        let entered = sign_up(stage.scene(), &asha(), "hash".to_owned(), Some(Expect::New), Device::default());
        let events = serde_json::to_string(&entered.changes.events).unwrap();
        assert_eq!(entered.changes.events.len(), 2);
        assert!(!events.contains("monsoon") && !events.contains("hash") && !events.contains(&entered.token.reveal()));
    }
}
