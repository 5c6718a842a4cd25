//! An account under change: what is proved, protected or taken away, with the claims, the audit and the messages that
//! belong to it, all for one commit. Who may ask for it was decided before.

use std::time::Duration;

use super::audit::{Action, Actor, AuditEntry};
use super::enter::{claim, unclaim};
use super::scene::Scene;
use super::session::Session;
use super::user::{Mfa, User};
use super::words::Phone;
use crate::changes::{Changes, ClaimKind, Expect};
use crate::event::EventKind;
use crate::notice::Notice;

pub struct AccountChange<'a> {
    scene: Scene<'a>,
    before: &'a User,
    user: User,
    /// What goes into the same commit.
    changes: Changes,
    /// Whether the rest of the shop must hear of it.
    seen: bool,
}

impl<'a> AccountChange<'a> {
    pub fn of(scene: Scene<'a>, user: &'a User) -> Self {
        AccountChange { scene, before: user, user: user.next(scene.now()), changes: scene.changes(), seen: false }
    }

    /// The account as it will be, and all there is to commit.
    pub fn done(self) -> (User, Changes) {
        let AccountChange { scene, before, user, mut changes, seen } = self;
        changes = changes.put(&user, Expect::Version(before.version));
        if seen {
            changes = changes.event(user.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
        }
        (user, changes)
    }

    /// Beside the account itself.
    pub fn with(mut self, more: impl FnOnce(Changes) -> Changes) -> Self {
        self.changes = more(self.changes);
        self
    }

    fn tell(&mut self, action: Action) {
        let entry = self.scene.audit(action, Actor::User(self.before.id), self.before.id);
        self.tell_entry(&entry);
    }

    fn tell_entry(&mut self, entry: &AuditEntry) {
        self.changes = std::mem::replace(&mut self.changes, self.scene.changes()).put(entry, Expect::New);
        self.seen = true;
    }

    fn notify(&mut self, notice: Notice) {
        let event = notice.event(self.scene.tenant, self.scene.clock, self.scene.ids);
        self.changes.events.push(event);
    }

    /// Moves the name from what was proved before. `None`: it is proved already.
    fn move_claim(&mut self, kind: ClaimKind, proved_before: Option<&str>, name: &str) -> Option<()> {
        if proved_before == Some(name) {
            return None;
        }
        if let Some(former) = proved_before {
            self.changes.writes.push(unclaim(kind, former, self.before.id));
        }
        self.changes.writes.push(claim(kind, name, self.before.id));
        Some(())
    }

    /// `None` when the account neither has the address nor has asked for it.
    pub fn prove_email(mut self, email: &str) -> Option<Self> {
        let before = self.before;
        let asked_for = before.new_email.as_deref() == Some(email);
        if !asked_for && before.email.as_deref() != Some(email) {
            return None;
        }
        let proved = before.email.as_deref().filter(|_| before.email_verified);
        if self.move_claim(ClaimKind::Email, proved, email).is_some() {
            self.user.email = Some(email.to_owned());
            self.user.email_verified = true;
            self.tell(Action::EmailVerified);
            let user_id = before.id;
            self.notify(match proved {
                Some(former) => Notice::EmailChanged { user_id, email: former.to_owned() },
                // Not before: who signed up may have given a stranger's address.
                None => Notice::Welcome { user_id },
            });
        }
        if asked_for {
            self.user.new_email = None;
        }
        Some(self)
    }

    pub fn prove_phone(mut self, phone: &Phone) -> Self {
        let before = self.before;
        let proved = before.phone.as_deref().filter(|_| before.phone_verified);
        if self.move_claim(ClaimKind::Phone, proved, phone.as_str()).is_some() {
            if proved.is_some() || before.email_verified {
                self.notify(Notice::PhoneChanged { user_id: before.id, phone: proved.map(str::to_owned) });
            }
            self.user.phone = Some(phone.as_str().to_owned());
            self.user.phone_verified = true;
            self.tell(Action::PhoneVerified);
        }
        self
    }

    /// A hash of the same password with today's figures.
    pub fn rehash(mut self, hash: String) -> Self {
        self.user.password_hash = Some(hash);
        self
    }

    /// Every session ends but this one, which begins anew.
    pub fn change_password(mut self, hash: String, session: Option<&Session>) -> Self {
        self.set_password(hash, Action::PasswordChanged);
        if let Some(session) = session {
            let version = session.version + 1;
            let kept = Session { version, created_at: self.user.sessions_since, ..session.clone() };
            self.changes = kept.put(self.changes);
        }
        self
    }

    /// By whoever reads the account's mail. `None` when the address is not the account's.
    /// If the address was not proved before, the account may be a stranger's who gave it: then no second factor and no
    /// phone of theirs stays a way in, or a lock, for them.
    pub fn reset_password(mut self, hash: String, email: &str) -> Option<Self> {
        let before = self.before;
        if before.email.as_deref() != Some(email) {
            return None;
        }
        self.set_password(hash, Action::PasswordReset);
        if !before.email_verified {
            self.user.mfa = None;
            if let Some(phone) = before.phone.as_deref().filter(|_| before.phone_verified) {
                self.changes.writes.push(unclaim(ClaimKind::Phone, phone, before.id));
                self.user.phone_verified = false;
            }
        }
        self.prove_email(email)
    }

    fn set_password(&mut self, hash: String, action: Action) {
        self.user.password_hash = Some(hash);
        self.end_all_sessions();
        self.tell(action);
        self.notify(Notice::PasswordChanged { user_id: self.before.id });
    }

    /// Whatever device they are on.
    pub fn end_sessions(mut self) -> Self {
        self.end_all_sessions();
        let entry = self.scene.audit(Action::Logout, Actor::User(self.before.id), self.before.id);
        self.changes = self.changes.put(&entry.detail("all_devices", true), Expect::New);
        self
    }

    /// A session that began in this very millisecond ends with the others. Whoever asked for another e-mail address may
    /// be the one who is shut out: it is asked for no longer.
    fn end_all_sessions(&mut self) {
        self.user.new_email = None;
        self.user.sessions_since = self.scene.now().after(Duration::from_millis(1));
    }

    /// Not asked for at login until a first code has shown that the app has the secret.
    pub fn enrol_mfa(mut self, sealed: String) -> Self {
        self.user.mfa = Some(Mfa { secret: sealed, confirmed: false, last_step: 0, recovery: Vec::new() });
        self
    }

    pub fn confirm_mfa(mut self, recovery: Vec<String>) -> Self {
        if let Some(mfa) = &mut self.user.mfa {
            mfa.confirmed = true;
            mfa.recovery = recovery;
        }
        self.tell(Action::MfaEnabled);
        self
    }

    pub fn remove_mfa(mut self) -> Self {
        self.user.mfa = None;
        self.tell(Action::MfaRemoved);
        self
    }

    /// The second factor with what was used of it used up.
    pub fn used_factor(mut self, mfa: Mfa) -> Self {
        self.user.mfa = Some(mfa);
        self
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::changes::Write;
    use crate::identity::code::{self, Purpose, Wanted};
    use crate::identity::samples::{claims, user};
    use crate::identity::session::Device;
    use crate::identity::testing::Stage;
    use crate::ids::SessionId;
    use crate::record::{Record, Row};

    fn somebody() -> User {
        let email = Some("asha@example.in".to_owned());
        User { email, password_hash: Some("old".to_owned()), ..user() }
    }

    #[test]
    fn a_proved_address_is_claimed_and_the_former_one_given_back() {
        let stage = Stage::new();
        let before = somebody();
        let (user, changes) = AccountChange::of(stage.scene(), &before).prove_email("asha@example.in").unwrap().done();
        assert_eq!(claims(&changes), ["+email asha@example.in"]);
        assert_eq!((user.email_verified, user.version), (true, 2));
        let welcomes =
            |changes: &Changes| changes.events.iter().filter(|one| one.data["template"] == "welcome").count();
        assert_eq!(welcomes(&changes), 1);

        let moving = User { new_email: Some("rao@example.in".to_owned()), ..user };
        let (moved, changes) = AccountChange::of(stage.scene(), &moving).prove_email("rao@example.in").unwrap().done();
        assert_eq!(claims(&changes), ["-email asha@example.in", "+email rao@example.in"]);
        assert_eq!((moved.email.as_deref(), moved.new_email), (Some("rao@example.in"), None));
        assert_eq!((changes.check(), welcomes(&changes)), (Ok(()), 0));

        // Whoever read the former one is told there.
        let told = changes.events.iter().find_map(|event| Notice::read(event).ok());
        let former = "asha@example.in".to_owned();
        assert_eq!(told, Some(Notice::EmailChanged { user_id: moving.id, email: former }));

        // The link of an address that was asked for before, and no more.
        assert!(AccountChange::of(stage.scene(), &moving).prove_email("other@example.in").is_none());
    }

    #[test]
    fn what_ends_all_sessions_withdraws_an_address_that_was_asked_for() {
        let stage = Stage::new();
        let thiefs = "thief@example.in";
        let asked = User { new_email: Some(thiefs.to_owned()), email_verified: true, ..somebody() };
        let change = || AccountChange::of(stage.scene(), &asked);
        let reset = change().reset_password("new".to_owned(), "asha@example.in").unwrap().done().0;
        let changed = change().change_password("new".to_owned(), None).done().0;
        let left = change().end_sessions().done().0;
        for user in [reset, changed, left] {
            assert_eq!(user.new_email, None);
            assert!(AccountChange::of(stage.scene(), &user).prove_email(thiefs).is_none());
        }
    }

    #[test]
    fn a_link_of_before_a_new_password_is_no_good() {
        let stage = Stage::new();
        let user = User { new_email: Some("rao@example.in".to_owned()), ..somebody() };
        let what = user.id.to_string();
        let wanted = Wanted { purpose: Purpose::VerifyEmail, what: &what, user_id: Some(user.id), target: None };
        let link = code::make(&wanted, None, stage.scene().now(), &stage.chance).code;
        assert!(link.holds(&user));
        let changed = AccountChange::of(stage.scene(), &user).change_password("new".to_owned(), None).done().0;
        assert!(!link.holds(&changed), "asked for in the same millisecond");
    }

    #[test]
    fn a_new_way_in_is_told_where_the_former_one_led() {
        let stage = Stage::new();
        let told = |before: &User, phone: &str| {
            let phone = Phone::parse(phone).unwrap();
            let (_, changes) = AccountChange::of(stage.scene(), before).prove_phone(&phone).done();
            changes.events.iter().find_map(|event| Notice::read(event).ok())
        };
        let changed = |phone: Option<&str>| {
            Some(Notice::PhoneChanged { user_id: somebody().id, phone: phone.map(str::to_owned) })
        };
        let by_mail = User { email_verified: true, ..somebody() };
        let by_both = User { phone: Some("+919876543210".to_owned()), phone_verified: true, ..by_mail.clone() };
        assert_eq!(told(&by_mail, "+916000000000"), changed(None));
        assert_eq!(told(&by_both, "+916000000000"), changed(Some("+919876543210")));
        // The address of a sign-up may be a stranger's.
        assert_eq!(told(&somebody(), "+916000000000"), None);
    }

    #[test]
    fn proving_what_is_proved_changes_nothing() {
        let stage = Stage::new();
        let phone = Phone::parse("+919876543210").unwrap();
        let before = somebody();
        let (user, changes) = AccountChange::of(stage.scene(), &before).prove_phone(&phone).done();
        assert_eq!(claims(&changes), ["+phone +919876543210"]);
        let (_, changes) = AccountChange::of(stage.scene(), &user).prove_phone(&phone).done();
        assert!(claims(&changes).is_empty() && changes.events.is_empty());
    }

    #[test]
    fn a_new_password_ends_every_session_but_the_one_it_was_changed_in() {
        let stage = Stage::new();
        let user = somebody();
        let session = |n| {
            let id = SessionId::from_uuid(Uuid::from_u128(n));
            Session::begin(user.id, id, Device::default(), stage.scene().now(), &stage.chance).0
        };
        let (mine, other) = (session(1), session(2));
        let now = stage.scene().now();
        assert!(mine.holds(&user, now) && other.holds(&user, now));
        let (changed, changes) =
            AccountChange::of(stage.scene(), &user).change_password("new".to_owned(), Some(&mine)).done();
        let kept = changes.writes.iter().find_map(|write| match write {
            Write::Record { row, .. } if row.kind == Session::KIND => Row::read::<Session>(row.fields.clone()).ok(),
            _ => None,
        });
        assert!(kept.unwrap().holds(&changed, now) && !other.holds(&changed, now));
    }

    #[test]
    fn whoever_reads_the_mail_of_an_unproved_account_takes_it_over_whole() {
        let stage = Stage::new();
        let mfa = Mfa { secret: "sealed".to_owned(), confirmed: true, last_step: 1, recovery: Vec::new() };
        let strangers =
            User { mfa: Some(mfa), phone: Some("+919876543210".to_owned()), phone_verified: true, ..somebody() };
        let reset = |user| AccountChange::of(stage.scene(), user).reset_password("new".to_owned(), "asha@example.in");
        let (user, changes) = reset(&strangers).unwrap().done();
        assert!(user.mfa.is_none() && !user.phone_verified && user.email_verified);
        assert_eq!(claims(&changes), ["-phone +919876543210", "+email asha@example.in"]);

        // Of a proved account it takes nothing away.
        let own = User { email_verified: true, ..strangers.clone() };
        let (user, changes) = reset(&own).unwrap().done();
        assert!(user.mfa.is_some() && user.phone_verified && claims(&changes).is_empty());
        assert!(AccountChange::of(stage.scene(), &own).reset_password(String::new(), "rao@example.in").is_none());
    }
}
