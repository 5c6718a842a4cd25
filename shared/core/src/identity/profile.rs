//! A customer changes name, e-mail address, phone or picture. A new e-mail address is only asked for here: it takes the
//! former's place once the link that is sent to it is used.

use schemars::JsonSchema;
use serde::Deserialize;

use super::audit::{Action, Actor};
use super::notice::Notice;
use super::scene::Scene;
use super::user::{PendingEmail, User};
use super::words::{Email, PersonName, Phone};
use crate::changes::{Changes, ClaimKind, Expect, Write};
use crate::check::{Check, FieldError, Invalid, given};
use crate::event::{Event, EventKind};
use crate::text::web_address;
use crate::time::Timestamp;

/// What is absent stays as it is; null takes it away.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileInput {
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    /// In force once it is proved; until then the former one stays. Given anew, that one withdraws the change.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>", length(max = 254))]
    pub email: Option<Option<String>>,
    /// Another number is to be proved anew.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub phone: Option<Option<String>>,
    /// An https address, or a path of this shop.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>", length(max = 2000))]
    pub picture: Option<Option<String>>,
}

#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    name: Option<PersonName>,
    email: Option<Option<Email>>,
    phone: Option<Option<Phone>>,
    picture: Option<Option<String>>,
}

impl ProfileChange {
    /// Everything that is wrong, named at once.
    pub fn parse(input: ProfileInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let name = input.name.and_then(|name| check.field("name", PersonName::parse(&name)));
        let email = read(&mut check, "email", input.email, Email::parse);
        let phone = read(&mut check, "phone", input.phone, Phone::parse);
        let picture = read(&mut check, "picture", input.picture, web_address);
        if !check.is_clean() {
            return Err(check.into_errors());
        }
        Ok(ProfileChange { name, email, phone, picture })
    }

    /// The address a link must be sent to, if one must.
    pub fn to_prove(&self, user: &User) -> Option<&Email> {
        self.email.as_ref()?.as_ref().filter(|email| user.email.as_deref() != Some(email.as_str()))
    }

    /// Whether it would change who can come in, or be written to. To withdraw what was asked for is no such thing.
    pub fn moves_way_in(&self, user: &User) -> bool {
        let phone = self.phone.as_ref().map(|phone| phone.as_ref().map(Phone::as_str));
        let email = self.email.as_ref().map(|email| email.as_ref().map(Email::as_str));
        let moves = |given: Option<Option<&str>>, present: &Option<String>| {
            given.is_some_and(|given| given != present.as_deref())
        };
        moves(email, &user.email) || moves(phone, &user.phone)
    }

    fn applied_to(&self, user: &User, now: Timestamp) -> User {
        let mut next = user.next(now);
        if let Some(name) = &self.name {
            next.name = name.to_string();
        }
        match &self.email {
            Some(Some(email)) if user.email.as_deref() == Some(email.as_str()) => next.new_email = None,
            Some(Some(email)) => next.new_email = Some(email.to_string()),
            Some(None) => (next.email, next.email_verified, next.new_email) = (None, false, None),
            None => {}
        }
        match &self.phone {
            Some(phone) if phone.as_ref().map(Phone::as_str) != user.phone.as_deref() => {
                (next.phone, next.phone_verified) = (phone.as_ref().map(Phone::to_string), false);
            }
            _ => {}
        }
        if let Some(picture) = &self.picture {
            next.picture.clone_from(picture);
        }
        next
    }
}

fn read<T>(
    check: &mut Check,
    field: &str,
    given: Option<Option<String>>,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Option<Option<T>> {
    match given? {
        Some(text) => check.field(field, parse(&text)).map(Some),
        None => Some(None),
    }
}

#[derive(Clone, Debug)]
pub struct Updated {
    pub user: User,
    /// Nothing to write when there is nothing new.
    pub changes: Option<Changes>,
}

/// The account would be left without a proved way in; this field must wait until another is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWayIn(pub &'static str);

/// `pending` is the record that lets the account's unproved address log in, if it is read and live.
pub fn update(
    scene: Scene<'_>,
    user: &User,
    change: &ProfileChange,
    pending: Option<&PendingEmail>,
) -> Result<Updated, LastWayIn> {
    let next = change.applied_to(user, scene.now());
    let loses_email = user.email.is_some() && next.email.is_none();
    let loses_phone = user.phone_verified && !next.phone_verified;
    if (loses_email && !next.phone_verified) || (loses_phone && !next.email_verified) {
        return Err(LastWayIn(if loses_email { "email" } else { "phone" }));
    }
    let mut changes = scene.changes();
    let anew = User { version: next.version, updated_at: next.updated_at, ..user.clone() } != next;
    if anew {
        changes = changes.put(&next, Expect::Version(user.version));
        changes = changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
    }
    let given_back = [
        (ClaimKind::Email, Action::EmailRemoved, loses_email && user.email_verified, &user.email),
        (ClaimKind::Phone, Action::PhoneRemoved, loses_phone, &user.phone),
    ];
    for (kind, action, lost, name) in given_back {
        if let Some(name) = name.clone().filter(|_| lost) {
            changes = changes.event(told(scene, user, kind, &name));
            changes = changes.write(Write::Unclaim { kind, name, owner: user.id.to_string() });
            changes = changes.put(&scene.audit(action, Actor::User(user.id), user.id), Expect::New);
        }
    }
    if let Some(pending) = pending.filter(|pending| loses_email && pending.user_id == user.id) {
        changes = changes.remove(pending);
    }
    let prove = change.to_prove(user);
    if let Some(email) = prove {
        let notice = Notice::VerifyEmail { user_id: user.id, email: email.to_string() };
        changes = changes.event(notice.event(scene.tenant, scene.clock, scene.ids));
    }
    let user = if anew { next } else { user.clone() };
    Ok(Updated { user, changes: (anew || prove.is_some()).then_some(changes) })
}

/// Written to whoever reads what is given back.
fn told(scene: Scene<'_>, user: &User, kind: ClaimKind, name: &str) -> Event {
    let (user_id, name) = (user.id, name.to_owned());
    let notice = match kind {
        ClaimKind::Email => Notice::EmailChanged { user_id, email: name },
        _ => Notice::PhoneChanged { user_id, phone: Some(name) },
    };
    notice.event(scene.tenant, scene.clock, scene.ids)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::samples::{World, claims, user};

    fn change(json: serde_json::Value) -> ProfileChange {
        ProfileChange::parse(serde_json::from_value(json).unwrap()).unwrap()
    }

    fn updated(user: &User, json: serde_json::Value) -> Result<Updated, LastWayIn> {
        let world = World::new();
        update(world.scene(), user, &change(json), None)
    }

    fn proved_by_email() -> User {
        User { email: Some("asha@example.in".to_owned()), email_verified: true, ..user() }
    }

    fn proved_by_phone() -> User {
        User { phone: Some("+919876543210".to_owned()), phone_verified: true, ..user() }
    }

    #[test]
    fn what_is_absent_stays_and_null_takes_away() {
        let user = User { picture: Some("/media/asha.webp".to_owned()), ..proved_by_email() };
        let named = updated(&user, json!({ "name": "Asha Rao" })).unwrap().user;
        assert_eq!((named.name.as_str(), named.picture, named.version), ("Asha Rao", user.picture.clone(), 2));
        assert_eq!(updated(&user, json!({ "picture": null })).unwrap().user.picture, None);
    }

    #[test]
    fn another_address_or_number_moves_a_way_in_and_the_same_does_not() {
        let user = User { phone: Some("+919876543210".to_owned()), ..proved_by_email() };
        for (json, moves) in [
            (json!({ "name": "Asha Rao", "picture": null }), false),
            (json!({ "email": "Asha@Example.in", "phone": "+919876543210" }), false),
            (json!({ "email": "rao@example.in" }), true),
            (json!({ "email": null }), true),
            (json!({ "phone": "+916000000000" }), true),
            (json!({ "phone": null }), true),
        ] {
            assert_eq!(change(json.clone()).moves_way_in(&user), moves, "{json}");
        }
    }

    #[test]
    fn nothing_new_writes_nothing() {
        let user = proved_by_email();
        for json in [json!({}), json!({ "name": user.name }), json!({ "email": user.email, "phone": null })] {
            let updated = updated(&user, json).unwrap();
            assert!(updated.changes.is_none() && updated.user == user);
        }
    }

    #[test]
    fn a_new_email_address_waits_until_it_is_proved() {
        let user = proved_by_email();
        let updated = updated(&user, json!({ "email": "Rao@example.in" })).unwrap();
        assert_eq!(updated.user.email, user.email);
        assert_eq!(updated.user.new_email.as_deref(), Some("rao@example.in"));
        let changes = updated.changes.unwrap();
        assert!(claims(&changes).is_empty());
        let data: Vec<_> = changes.events.iter().map(|event| &event.data["email"]).collect();
        assert_eq!(data, [&json!(null), &json!("rao@example.in")]);
    }

    #[test]
    fn the_former_address_withdraws_a_change_and_the_new_one_is_sent_another_link() {
        let asked = User { new_email: Some("rao@example.in".to_owned()), ..proved_by_email() };
        let withdrawn = updated(&asked, json!({ "email": "asha@example.in" })).unwrap();
        assert_eq!((withdrawn.user.new_email, withdrawn.changes.unwrap().events.len()), (None, 1));
        let again = updated(&asked, json!({ "email": "rao@example.in" })).unwrap().changes.unwrap();
        assert!(again.writes.is_empty() && again.events[0].kind == EventKind::NotificationRequested);
    }

    #[test]
    fn the_last_way_in_stays() {
        let refused = |user: &User, json| updated(user, json).unwrap_err().0;
        assert_eq!(refused(&proved_by_email(), json!({ "email": null })), "email");
        assert_eq!(refused(&User { email_verified: false, ..proved_by_email() }, json!({ "email": null })), "email");
        assert_eq!(refused(&proved_by_phone(), json!({ "phone": null })), "phone");
        assert_eq!(refused(&proved_by_phone(), json!({ "phone": "+916000000000" })), "phone");
        let both = User { phone: Some("+919876543210".to_owned()), phone_verified: true, ..proved_by_email() };
        assert_eq!(refused(&both, json!({ "phone": null, "email": null })), "email");
    }

    #[test]
    fn what_is_taken_away_is_free_for_others() {
        let both = User { phone: Some("+919876543210".to_owned()), phone_verified: true, ..proved_by_email() };
        let changes = |json| updated(&both, json).unwrap().changes.unwrap();
        assert_eq!(claims(&changes(json!({ "email": null }))), ["-email asha@example.in"]);
        assert_eq!(claims(&changes(json!({ "phone": "+916000000000" }))), ["-phone +919876543210"]);
        // And whoever read them is told there.
        let told = changes(json!({ "phone": null })).events.iter().find_map(|event| Notice::read(event).ok());
        assert_eq!(told, Some(Notice::PhoneChanged { user_id: both.id, phone: both.phone.clone() }));
        let unproved = User { phone_verified: false, ..both.clone() };
        assert!(claims(&updated(&unproved, json!({ "phone": null })).unwrap().changes.unwrap()).is_empty());
    }

    #[test]
    fn an_unproved_address_that_is_taken_away_logs_in_no_longer() {
        let world = World::new();
        let user = User { email: Some("asha@example.in".to_owned()), ..proved_by_phone() };
        let pending = |id| PendingEmail {
            email: "asha@example.in".to_owned(),
            version: 1,
            user_id: id,
            expires_at: world.scene().now(),
        };
        let writes = |id| {
            let pending = pending(id);
            let change = change(json!({ "email": null }));
            update(world.scene(), &user, &change, Some(&pending)).unwrap().changes.unwrap().writes
        };
        assert_eq!(writes(user.id).len(), 2);
        assert_eq!(writes(super::super::samples::user_id(99)).len(), 1);
    }

    #[test]
    fn a_picture_is_a_place_of_a_picture_and_nothing_that_runs() {
        for good in ["https://cdn.example.in/a.png?x=1", "/media/users/asha.webp"] {
            assert!(web_address(good).is_ok(), "{good}");
        }
        let wrong = [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://a.in/b",
            "//a.in/b",
            "https:///b",
            "https://a.in/\"x",
            "",
        ];
        for wrong in wrong {
            assert_eq!(web_address(wrong).unwrap_err().code, "invalid_url", "{wrong}");
        }
    }

    #[test]
    fn role_and_status_are_not_a_customers_to_change() {
        for field in ["role", "status", "email_verified", "password"] {
            assert!(serde_json::from_value::<ProfileInput>(json!({ field: "admin" })).is_err(), "{field}");
        }
    }
}
