//! The worker on a shop of its own: SQLite, and messages as files.

mod at_the_door;
mod orders;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::messages::{Kept, Looked, kept};
use bharatmart_core::changes::{ClaimKind, Expect, Write};
use bharatmart_core::identity::code::Token;
use bharatmart_core::identity::{Code, Purpose, User};
use bharatmart_core::ports::{Channel, Store};
use bharatmart_core::{Changes, Event, Notice, Record, RecordKey, Role, Tenant, UserId};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Need, Runner};
use serde_json::json;
use tempfile::TempDir;

use super::WORKER;

const PHONE: &str = "+919876543210";
const EMAIL: &str = "asha@example.in";
/// Nothing listens there.
const NO_SERVER: &[(&str, &str)] =
    &[("MAIL_TYPE", "smtp"), ("SMTP_URL", "smtp://127.0.0.1:1"), ("MAIL_FROM", "shop@bharatmart.example")];

struct Shop {
    runner: Runner,
}

impl Shop {
    async fn open(folder: &Path, settings: &[(&str, &str)]) -> Shop {
        let base = [("APP_ENV", "test"), ("WORKER_MODE", "none"), ("DATA_DIR", folder.to_str().unwrap())];
        let settings = base.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::read(settings.collect()).unwrap();
        let needs = [WORKER.needs, &[Need::PROBES_BLOBS]].concat();
        let app = Arc::new(App::open(Arc::new(config), &needs).await.unwrap());
        Shop { runner: Runner { app, traces: Traces::default() } }
    }

    fn store(&self) -> &dyn Store {
        self.runner.app.ports().store.unwrap().as_ref()
    }

    fn event(&self, notice: &Notice) -> Event {
        notice.event(&Tenant::main(), self.runner.app.clock.as_ref(), self.runner.app.ids.as_ref())
    }

    /// Whether the worker is done with it.
    async fn hears(&self, event: &Event) -> bool {
        let body = serde_json::to_string(event).unwrap();
        let batch =
            json!({ "Records": [{ "messageId": "1", "body": body, "attributes": {}, "messageAttributes": {} }] });
        let batch = serde_json::from_value(batch).unwrap();
        self.runner.batch(&WORKER, batch, Duration::from_secs(10)).await.batch_item_failures.is_empty()
    }

    /// Newest first.
    async fn sent(&self) -> Vec<Kept> {
        let blobs = self.runner.app.ports().blobs.unwrap();
        kept(blobs.as_ref(), Looked::All, 100).await.unwrap()
    }

    async fn code(&self, purpose: Purpose, what: impl ToString) -> Option<Code> {
        let key = purpose.key(what.to_string());
        let found = self.store().record(&Tenant::main(), Code::KIND, &key).await.unwrap();
        found.map(|fields| bharatmart_core::record::Row::read(fields).unwrap())
    }

    async fn commit(&self, change: impl FnOnce(Changes) -> Changes) {
        self.store().commit(change(Changes::new(&Tenant::main()))).await.unwrap();
    }

    /// Somebody who proved the address.
    async fn account(&self) -> User {
        let (ids, now) = (self.runner.app.ids.as_ref(), self.runner.app.clock.now());
        let email = Some(EMAIL.to_owned());
        let user = User { email, email_verified: true, ..User::new(UserId::new(ids), Role::Customer, "Asha", now) };
        let claim = Write::Claim { kind: ClaimKind::Email, name: EMAIL.to_owned(), owner: user.id.to_string() };
        self.commit(|changes| changes.put(&user, Expect::New).write(claim)).await;
        user
    }
}

fn otp() -> Notice {
    Notice::Otp { phone: PHONE.to_owned() }
}

fn reset() -> Notice {
    Notice::ResetPassword { email: EMAIL.to_owned() }
}

fn token_of(letter: &Kept, purpose: Purpose) -> Token {
    let (_, rest) = letter.text.split_once("token=").unwrap();
    Token::parse(rest.split_whitespace().next().unwrap(), purpose).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_phone_is_sent_six_digits_once_and_the_store_has_their_hash() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let event = shop.event(&otp());
    assert!(shop.hears(&event).await && shop.hears(&event).await);
    let sent = shop.sent().await;
    let [letter] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((letter.channel, letter.to.as_str(), letter.id.clone()), (Channel::Sms, PHONE, event.id.to_string()));
    let digits = letter.text.split(' ').next().unwrap();
    assert_eq!(digits.len(), 6);
    assert!(shop.code(Purpose::PhoneLogin, PHONE).await.unwrap().matches(digits));
}

#[tokio::test]
async fn an_older_code_that_comes_after_a_newer_is_not_sent() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let older = shop.event(&otp());
    let newer = Event { time: older.time.after(Duration::from_millis(5)), ..shop.event(&otp()) };
    assert!(shop.hears(&newer).await && shop.hears(&older).await);
    let sent = shop.sent().await;
    assert_eq!(sent.iter().map(|letter| letter.id.clone()).collect::<Vec<_>>(), [newer.id.to_string()]);
    let digits = sent[0].text.split(' ').next().unwrap();
    assert!(shop.code(Purpose::PhoneLogin, PHONE).await.unwrap().matches(digits));
}

#[tokio::test]
async fn a_message_that_could_not_go_comes_back_with_the_code_it_had() {
    let folder = folder();
    let broken = Shop::open(folder.path(), NO_SERVER).await;
    let user = broken.account().await;
    let event = broken.event(&reset());
    assert!(!broken.hears(&event).await);
    let made = broken.code(Purpose::ResetPassword, user.id).await.unwrap();

    let mended = Shop::open(folder.path(), &[]).await;
    assert!(mended.hears(&event).await);
    let sent = mended.sent().await;
    assert_eq!((sent[0].to.as_str(), sent[0].id.clone()), (EMAIL, event.id.to_string()));
    assert!(made.matches(&token_of(&sent[0], Purpose::ResetPassword).secret));
    assert_eq!(mended.code(Purpose::ResetPassword, user.id).await.unwrap(), made, "nothing was made anew");
}

#[tokio::test]
async fn what_was_used_or_replaced_in_between_does_not_come_back() {
    let folder = folder();
    let broken = Shop::open(folder.path(), NO_SERVER).await;
    let user = broken.account().await;
    let event = broken.event(&reset());
    assert!(!broken.hears(&event).await);
    let used = broken.code(Purpose::ResetPassword, user.id).await.unwrap();
    broken.commit(|changes| changes.remove(&used)).await;

    let mended = Shop::open(folder.path(), &[]).await;
    assert!(mended.hears(&event).await);
    assert_eq!(mended.sent().await, []);
    assert_eq!(mended.code(Purpose::ResetPassword, user.id).await, None);
}

#[tokio::test]
async fn a_code_whose_time_is_over_is_not_sent() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let event = shop.event(&otp());
    let late = Event { time: event.time.before(Purpose::PhoneLogin.life()), ..event };
    assert!(shop.hears(&late).await);
    assert_eq!(shop.sent().await, []);
}

#[tokio::test]
async fn nobody_is_written_to_who_does_not_wait_for_it() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let stranger = UserId::new(shop.runner.app.ids.as_ref());
    for notice in [reset(), Notice::Welcome { user_id: stranger }] {
        assert!(shop.hears(&shop.event(&notice)).await);
    }
    let user = shop.account().await;
    for email in [EMAIL, "another@example.in"] {
        let notice = Notice::VerifyEmail { user_id: user.id, email: email.to_owned() };
        assert!(shop.hears(&shop.event(&notice)).await, "proved already, or not asked for any more");
    }
    assert_eq!(shop.sent().await, []);
}

/// As somebody would who has the shop fill another's mailbox.
#[tokio::test]
async fn an_address_is_sent_five_links_an_hour_and_the_last_of_them_stays_good() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let user = shop.account().await;
    for nth in 0..8 {
        let asked = shop.event(&reset());
        let asked = Event { time: asked.time.after(Duration::from_millis(nth)), ..asked };
        // It comes twice, which is no second link.
        assert!(shop.hears(&asked).await && shop.hears(&asked).await);
    }
    let sent = shop.sent().await;
    assert_eq!(sent.len(), 5);
    let last = shop.code(Purpose::ResetPassword, user.id).await.unwrap();
    assert!(last.matches(&token_of(&sent[0], Purpose::ResetPassword).secret));

    // Of whatever kind they are, and whoever gave the address; another address is none the worse for it.
    let stranger = |email: &str| User {
        email: Some(email.to_owned()),
        ..User::new(UserId::new(shop.runner.app.ids.as_ref()), Role::Customer, "", user.created_at)
    };
    for (email, sent) in [(EMAIL, 5), ("another@example.in", 6)] {
        let somebody = stranger(email);
        shop.commit(|changes| changes.put(&somebody, Expect::New)).await;
        let verify = Notice::VerifyEmail { user_id: somebody.id, email: email.to_owned() };
        assert!(shop.hears(&shop.event(&verify)).await);
        assert_eq!(shop.sent().await.len(), sent, "{email}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_proved_is_sent_no_news() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let user = shop.account().await;
    let unproved = User { email_verified: false, ..user.next(user.created_at) };
    shop.commit(|changes| changes.put(&unproved, Expect::Version(1))).await;
    let user_id = user.id;
    for notice in [Notice::Welcome { user_id }, Notice::PasswordChanged { user_id }, Notice::SessionEnded { user_id }] {
        assert!(shop.hears(&shop.event(&notice)).await);
    }
    assert_eq!(shop.sent().await, []);
}

#[tokio::test]
async fn a_link_that_was_made_by_the_former_key_is_sent_by_the_list_that_has_both() {
    let folder = folder();
    let former = [NO_SERVER, &[("SECRET_CODE_KEY", "former")]].concat();
    let broken = Shop::open(folder.path(), &former).await;
    let user = broken.account().await;
    let event = broken.event(&reset());
    assert!(!broken.hears(&event).await);
    let made = broken.code(Purpose::ResetPassword, user.id).await.unwrap();

    let mended = Shop::open(folder.path(), &[("SECRET_CODE_KEY", "newer,former")]).await;
    assert!(mended.hears(&event).await);
    assert!(made.matches(&token_of(&mended.sent().await[0], Purpose::ResetPassword).secret));
}

#[tokio::test]
async fn who_had_the_address_or_the_number_is_told_of_the_change() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let user_id = shop.account().await.id;
    let former = "former@example.in".to_owned();
    for notice in [
        Notice::EmailChanged { user_id, email: former.clone() },
        Notice::PhoneChanged { user_id, phone: Some(PHONE.to_owned()) },
        Notice::PhoneChanged { user_id, phone: None },
    ] {
        assert!(shop.hears(&shop.event(&notice)).await);
    }
    let sent = shop.sent().await;
    let told: Vec<_> = sent.iter().map(|letter| (letter.channel, letter.to.as_str())).collect();
    assert_eq!(told, [(Channel::Email, EMAIL), (Channel::Sms, PHONE), (Channel::Email, former.as_str())]);
}

#[tokio::test]
async fn a_new_address_is_sent_its_link_and_news_go_to_the_old() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let user = shop.account().await;
    let changed = User { new_email: Some("new@example.in".to_owned()), version: 2, ..user.clone() };
    shop.commit(|changes| changes.put(&changed, Expect::Version(1))).await;
    let verify = Notice::VerifyEmail { user_id: user.id, email: "new@example.in".to_owned() };
    for notice in [verify, Notice::PasswordChanged { user_id: user.id }] {
        assert!(shop.hears(&shop.event(&notice)).await);
    }
    let sent = shop.sent().await;
    assert_eq!(sent.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), [EMAIL, "new@example.in"]);
    assert!(sent[1].text.contains("http://127.0.0.1:8080/verify-email?token="));
    assert_eq!(token_of(&sent[1], Purpose::VerifyEmail).key(), RecordKey::alone(format!("verify_email/{}", user.id)));
}
