//! What must be shown beside a token before an account is deleted or given another way in: a token alone may have been
//! found by somebody else.

use std::time::Duration;

use super::session::Session;
use super::user::User;
use super::words::Phone;
use crate::time::Timestamp;

/// How long a login is proof enough.
const FRESH: Duration = Duration::from_secs(15 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Password,
    /// A login of just now, for an account without a password.
    Login,
}

/// An outside issuer's user has no session here; how fresh the login is, is that issuer's business.
pub fn is_fresh(session: Option<&Session>, now: Timestamp) -> bool {
    session.is_none_or(|session| session.created_at.after(FRESH) > now)
}

/// For what either of the two proves.
pub fn proof(user: &User, session: Option<&Session>, now: Timestamp) -> Proof {
    match (is_fresh(session, now), user.password_hash.is_some()) {
        (true, _) => Proof::Nothing,
        (false, true) => Proof::Password,
        (false, false) => Proof::Login,
    }
}

/// A number that is not the account's would become a way in. The one that stands there was given at a fresh login.
pub fn is_new_phone(user: &User, phone: &Phone) -> bool {
    user.phone.as_deref() != Some(phone.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::samples::{World, user};
    use crate::identity::session::Device;
    use crate::ids::SessionId;

    #[test]
    fn a_login_of_a_quarter_of_an_hour_ago_is_no_proof() {
        let world = World::new();
        let scene = world.scene();
        let begin = |ago| {
            let then = scene.now().before(Duration::from_millis(ago));
            let id = SessionId::new(scene.ids);
            Session::begin(user().id, id, Device::default(), then, scene.random).0
        };
        let known = User { password_hash: Some("$argon2id$…".to_owned()), ..user() };
        let minutes = 15 * 60_000;
        for (ago, with_password, without) in [
            (0, Proof::Nothing, Proof::Nothing),
            (minutes - 1, Proof::Nothing, Proof::Nothing),
            (minutes, Proof::Password, Proof::Login),
        ] {
            let session = begin(ago);
            assert_eq!(proof(&known, Some(&session), scene.now()), with_password, "{ago}");
            assert_eq!(proof(&user(), Some(&session), scene.now()), without, "{ago}");
        }
        assert_eq!(proof(&user(), None, scene.now()), Proof::Nothing);
    }

    #[test]
    fn the_number_that_stands_in_the_account_is_no_new_way_in() {
        let phone = Phone::parse("+919876543210").unwrap();
        let given = User { phone: Some(phone.to_string()), ..user() };
        assert!(!is_new_phone(&given, &phone) && is_new_phone(&user(), &phone));
        assert!(is_new_phone(&given, &Phone::parse("+916000000000").unwrap()));
    }
}
