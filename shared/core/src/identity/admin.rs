//! An admin changes another's role, or shuts and opens an account.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::audit::{Action, Actor};
use super::outsider::is_outsider;
use super::scene::Scene;
use super::user::{User, UserStatus};
use crate::access::Role;
use crate::changes::{Changes, Expect};
use crate::check::{Check, FieldError, Invalid};
use crate::event::EventKind;
use crate::ids::UserId;

/// What is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangeInput {
    /// customer, seller, support, delivery or admin.
    pub role: Option<String>,
    /// active or disabled.
    pub status: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserChange {
    role: Option<Role>,
    status: Option<UserStatus>,
}

impl UserChange {
    /// Everything that is wrong, named at once.
    pub fn parse(input: &UserChangeInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let unknown = || Invalid::new("unknown_role", "must be customer, seller, support, delivery or admin");
        let role = input.role.as_deref();
        let role = role.and_then(|name| check.field("role", Role::parse(name).ok_or_else(unknown)));
        let status = input.status.as_deref().and_then(|name| check.field("status", status(name)));
        if check.is_clean() { Ok(UserChange { role, status }) } else { Err(check.into_errors()) }
    }
}

fn status(name: &str) -> Result<UserStatus, Invalid> {
    match name {
        "active" => Ok(UserStatus::Active),
        "disabled" => Ok(UserStatus::Disabled),
        _ => Err(Invalid::new("unknown_status", "must be active or disabled")),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeRefused {
    /// Nobody takes away his own role or shuts his own account: there would soon be no admin left.
    OwnAccount,
    /// What its owner deleted stays deleted.
    Deleted,
    /// An outside issuer says anew what its user is with each token.
    RoleFromIssuer,
}

/// The account as it is afterwards, and what to write: nothing, when there is nothing new.
pub fn change(
    scene: Scene<'_>,
    admin: UserId,
    user: &User,
    change: UserChange,
) -> Result<(User, Option<Changes>), ChangeRefused> {
    if user.status == UserStatus::Deleted {
        return Err(ChangeRefused::Deleted);
    }
    let mut next = user.next(scene.now());
    next.role = change.role.unwrap_or(user.role);
    next.status = change.status.unwrap_or(user.status);
    if (next.role, next.status) == (user.role, user.status) {
        return Ok((user.clone(), None));
    }
    if user.id == admin {
        return Err(ChangeRefused::OwnAccount);
    }
    if next.role != user.role && is_outsider(user.id) {
        return Err(ChangeRefused::RoleFromIssuer);
    }
    if next.status == UserStatus::Disabled {
        next.sessions_since = next.updated_at;
    }
    let told = |user: &User| json!({ "role": user.role, "status": user.status });
    let entry = scene
        .audit(Action::UserChanged, Actor::User(admin), user.id)
        .detail("before", told(user))
        .detail("after", told(&next));
    let changes = scene.changes().put(&next, Expect::Version(user.version)).put(&entry, Expect::New);
    let changes = changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
    Ok((next, Some(changes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Write;
    use crate::identity::outsider_id;
    use crate::identity::samples::{World, user, user_id};
    use crate::tenant::Tenant;

    fn read(role: Option<&str>, status: Option<&str>) -> Result<UserChange, Vec<FieldError>> {
        UserChange::parse(&UserChangeInput { role: role.map(str::to_owned), status: status.map(str::to_owned) })
    }

    fn changed(
        admin: u128,
        user: &User,
        role: Option<&str>,
        status: Option<&str>,
    ) -> Result<(User, Option<Changes>), ChangeRefused> {
        let (world, wanted) = (World::new(), read(role, status).unwrap());
        change(world.scene(), user_id(admin), user, wanted)
    }

    #[test]
    fn a_change_of_role_is_audited_with_before_and_after() {
        let (next, changes) = changed(2, &user(), Some("seller"), None).unwrap();
        assert_eq!(next.role, Role::Seller);
        let changes = changes.unwrap();
        let entry = changes.writes.iter().find_map(|write| match write {
            Write::Record { row, .. } if row.kind.name == "audit" => Some(&row.fields),
            _ => None,
        });
        let entry = entry.unwrap();
        assert_eq!(entry["actor"], json!(user_id(2)));
        assert_eq!(entry["details"]["before"], json!({ "role": "customer", "status": "active" }));
        assert_eq!(entry["details"]["after"], json!({ "role": "seller", "status": "active" }));
    }

    #[test]
    fn a_disabled_account_has_no_session_left_even_when_it_is_opened_again() {
        let disabled = changed(2, &user(), None, Some("disabled")).unwrap().0;
        assert!(disabled.sessions_since > user().sessions_since);
        let opened = changed(2, &disabled, None, Some("active")).unwrap().0;
        assert_eq!((opened.status, opened.sessions_since), (UserStatus::Active, disabled.sessions_since));
    }

    #[test]
    fn nobody_takes_his_own_role_or_shuts_himself_out() {
        let admin = User { role: Role::Admin, ..user() };
        let refused = |role, status| changed(1, &admin, role, status).unwrap_err();
        assert_eq!(refused(Some("customer"), None), ChangeRefused::OwnAccount);
        assert_eq!(refused(None, Some("disabled")), ChangeRefused::OwnAccount);
        assert!(changed(1, &admin, Some("admin"), Some("active")).unwrap().1.is_none());
    }

    #[test]
    fn the_role_of_an_outside_issuers_user_is_that_issuers_to_give() {
        let id = outsider_id(&Tenant::main(), "https://id.example", "asha");
        let outsider = User { id, ..user() };
        assert_eq!(changed(2, &outsider, Some("seller"), None).unwrap_err(), ChangeRefused::RoleFromIssuer);
        let shut = changed(2, &outsider, Some(outsider.role.name()), Some("disabled")).unwrap().0;
        assert_eq!(shut.status, UserStatus::Disabled);
    }

    #[test]
    fn a_deleted_account_stays_deleted() {
        let deleted = User { status: UserStatus::Deleted, ..user() };
        assert_eq!(changed(2, &deleted, None, Some("active")).unwrap_err(), ChangeRefused::Deleted);
        assert_eq!(read(Some("king"), Some("deleted")).unwrap_err().len(), 2);
    }
}
