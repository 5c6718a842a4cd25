//! Whoever logs in with an outside issuer. Their account is known by issuer and subject alone: an e-mail address that an
//! issuer tells of proves nothing to the shop, and logs nobody in to an account that has it.

use sha2::{Digest, Sha256};
use uuid::Builder;

use super::audit::Actor;
use super::enter::created;
use super::scene::Scene;
use super::user::User;
use super::words::PersonName;
use crate::access::Role;
use crate::changes::Changes;
use crate::ids::UserId;
use crate::tenant::Tenant;
use crate::time::Timestamp;

/// The same each time they come: made from who they are, so that two first visits at once make one account.
pub fn outsider_id(tenant: &Tenant, issuer: &str, subject: &str) -> UserId {
    let mut digest = Sha256::new();
    for part in [tenant.as_str(), issuer, subject] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    UserId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

/// No other account has an id of this kind.
pub fn is_outsider(id: UserId) -> bool {
    id.uuid().get_version_num() == 8
}

/// Their account at first sight. It has no password and no session of the shop's; what the issuer says of their role
/// holds each time they come. No token of theirs is too old yet: it was issued before they were first seen.
pub fn outsider(scene: Scene<'_>, id: UserId, role: Role, name: Option<&str>) -> (User, Changes) {
    let name = name.and_then(|name| PersonName::parse(name).ok());
    let user = User::new(id, role, name.as_ref().map_or("", PersonName::as_str), scene.now());
    let user = User { sessions_since: Timestamp::from_millis(0), ..user };
    let changes = created(scene, &user, Actor::User(id), scene.changes());
    (user, changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Stage;

    #[test]
    fn an_account_is_one_of_shop_issuer_and_subject() {
        let (main, other) = (Tenant::main(), Tenant::parse("other").unwrap());
        let asha = outsider_id(&main, "https://id.example", "asha");
        assert_eq!(asha, outsider_id(&main, "https://id.example", "asha"));
        assert_ne!(asha, outsider_id(&other, "https://id.example", "asha"));
        assert_ne!(asha, outsider_id(&main, "https://id.example.in", "asha"));
        assert_ne!(asha, outsider_id(&main, "https://id.examplea", "sha"));
        assert!(is_outsider(asha) && !is_outsider(crate::identity::samples::user().id));
    }

    #[test]
    fn an_issuer_gives_an_account_a_role_and_a_name_and_no_way_in_by_e_mail() {
        let stage = Stage::new();
        let id = outsider_id(&Tenant::main(), "https://id.example", "asha");
        let (user, changes) = outsider(stage.scene(), id, Role::Support, Some("Asha"));
        assert_eq!((user.id, user.role, user.name.as_str()), (id, Role::Support, "Asha"));
        assert_eq!((user.email, user.password_hash), (None, None));
        assert_eq!(changes.check(), Ok(()));
        let (nameless, _) = outsider(stage.scene(), id, Role::Customer, Some("\u{7}"));
        assert_eq!(nameless.name, "");
    }
}
