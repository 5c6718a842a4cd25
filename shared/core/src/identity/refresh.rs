//! The chain of refresh tokens of a session. Each use gives a successor that is derived from the token and a key, never
//! kept: so whoever did not receive it may ask again with the former token, for a moment, and is given the very same.
//! Any other token of the session is one somebody else has used: then the session must end.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::digest::{self, SECRET_LENGTH};
use super::keys::Keys;
use super::session::Session;
use crate::ids::{SessionId, UserId};
use crate::ports::Random;
use crate::time::Timestamp;

/// From the last use.
pub const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long after a rotation the former token still gets the same successor.
pub const GRACE: Duration = Duration::from_secs(10);

/// `rt_<user>.<session>.<secret>`.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub user: UserId,
    pub session: SessionId,
    secret: String,
}

impl RefreshToken {
    pub fn first(user: UserId, session: SessionId, random: &dyn Random) -> Self {
        RefreshToken { user, session, secret: digest::random_secret(random) }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("rt_")?.split('.');
        let (user, session, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let simple =
            |part: &str| Some(part).filter(|part| part.len() == 32).and_then(|part| Uuid::try_parse(part).ok());
        let token = RefreshToken {
            user: UserId::from_uuid(simple(user)?),
            session: SessionId::from_uuid(simple(session)?),
            secret: secret.to_owned(),
        };
        (parts.next().is_none() && secret.len() == SECRET_LENGTH).then_some(token)
    }

    pub fn reveal(&self) -> String {
        format!("rt_{}.{}.{}", self.user.uuid().simple(), self.session.uuid().simple(), self.secret)
    }

    /// As it is kept.
    pub fn hash(&self) -> String {
        digest::hash(&[&self.reveal()])
    }

    fn successor(&self, key: &[u8]) -> Self {
        RefreshToken { secret: digest::keyed(key, "refresh", &self.reveal()), ..self.clone() }
    }

    /// What a browser that keeps this token in a cookie must send beside it.
    pub fn csrf_token(&self, keys: &Keys) -> String {
        self.csrf_token_by(keys.newest())
    }

    /// By whichever key was the newest when it was given out.
    pub fn has_csrf_token(&self, given: &str, keys: &Keys) -> bool {
        keys.all().any(|key| digest::same(&self.csrf_token_by(key), given))
    }

    fn csrf_token_by(&self, key: &[u8]) -> String {
        digest::keyed(key, "csrf", &self.reveal())
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({}, {})", self.user, self.session)
    }
}

/// What becomes of a token that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The session with its next token: commit it under the version it was read with, then give the token out.
    Rotate { session: Session, token: RefreshToken },
    /// Rotated a moment ago; this was the successor.
    Repeat(RefreshToken),
    /// Used before, or never given out: somebody else has a token of this session.
    Reuse,
    /// The session has ended already.
    Ended,
}

pub fn judge(session: &Session, presented: &RefreshToken, keys: &Keys, now: Timestamp) -> Verdict {
    if session.user_id != presented.user || session.id != presented.session || session.has_ended(now) {
        return Verdict::Ended;
    }
    let hash = presented.hash();
    if digest::same(&hash, &session.token_hash) {
        let successor = presented.successor(keys.newest());
        let rotated = Session {
            version: session.version + 1,
            token_hash: successor.hash(),
            former_hash: Some(hash),
            rotated_at: now,
            expires_at: now.after(LIFE),
            ..session.clone()
        };
        return Verdict::Rotate { session: rotated, token: successor };
    }
    let former = session.former_hash.as_deref().is_some_and(|former| digest::same(&hash, former));
    if !former || now.since(session.rotated_at) >= GRACE {
        return Verdict::Reuse;
    }
    // Without the key of then the successor cannot be told again. That is nobody's fault: logging in again helps.
    let mut successors = keys.all().map(|key| presented.successor(key));
    let same = successors.find(|successor| digest::same(&successor.hash(), &session.token_hash));
    same.map_or(Verdict::Ended, Verdict::Repeat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::session::Device;
    use crate::identity::testing::Chance;
    use crate::ports::Secret;

    const KEY: &str = "a key of this deployment";
    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn keys(text: &str) -> Keys {
        Keys::parse(&Secret::new(text)).unwrap()
    }

    fn seconds(n: u64) -> Timestamp {
        NOW.after(Duration::from_secs(n))
    }

    fn begun() -> (Session, RefreshToken) {
        let user = UserId::from_uuid(Uuid::from_u128(1));
        let session = SessionId::from_uuid(Uuid::from_u128(2));
        Session::begin(user, session, Device::default(), NOW, &Chance::new(1))
    }

    fn rotated(session: &Session, token: &RefreshToken, now: Timestamp) -> (Session, RefreshToken) {
        match judge(session, token, &keys(KEY), now) {
            Verdict::Rotate { session, token } => (session, token),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_token_reads_back_and_shows_itself_in_no_log() {
        let (_, token) = begun();
        let text = token.reveal();
        assert_eq!(RefreshToken::parse(&text), Some(token.clone()));
        assert_eq!(text.len(), 3 + 32 + 1 + 32 + 1 + 43);
        assert!(!format!("{token:?}").contains(&token.secret));
        for wrong in ["", "rt_", "rt_1.2.3", &text[3..], &format!("{text}.x"), &text[..text.len() - 1]] {
            assert_eq!(RefreshToken::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_use_gives_the_next_token_and_seven_more_days() {
        let (mut session, mut token) = begun();
        for use_ in 1..=20 {
            let now = seconds(use_ * 1000);
            let (next, successor) = rotated(&session, &token, now);
            assert_ne!(successor, token);
            assert_eq!((next.version, next.expires_at), (session.version + 1, now.after(LIFE)));
            (session, token) = (next, successor);
        }
    }

    #[test]
    fn a_retry_within_ten_seconds_is_given_the_very_same_successor() {
        let (session, first) = begun();
        let (session, second) = rotated(&session, &first, NOW);
        for wait in [0, 1, 9_999] {
            let now = NOW.after(Duration::from_millis(wait));
            assert_eq!(judge(&session, &first, &keys(KEY), now), Verdict::Repeat(second.clone()));
        }
        // And the successor is good still.
        rotated(&session, &second, seconds(60));
    }

    #[test]
    fn the_former_token_is_reuse_after_ten_seconds() {
        let (session, first) = begun();
        let (session, _) = rotated(&session, &first, NOW);
        assert_eq!(judge(&session, &first, &keys(KEY), seconds(10)), Verdict::Reuse);
        assert_eq!(judge(&session, &first, &keys(KEY), seconds(5 * 24 * 3600)), Verdict::Reuse);
    }

    #[test]
    fn any_older_token_is_reuse_at_once() {
        let (session, first) = begun();
        let (session, second) = rotated(&session, &first, NOW);
        let (session, _) = rotated(&session, &second, NOW);
        assert_eq!(judge(&session, &first, &keys(KEY), NOW), Verdict::Reuse);
        assert!(matches!(judge(&session, &second, &keys(KEY), NOW), Verdict::Repeat(_)));
    }

    #[test]
    fn a_token_that_was_never_given_out_is_reuse() {
        let (session, first) = begun();
        let forged = RefreshToken { secret: "A".repeat(SECRET_LENGTH), ..first };
        assert_eq!(judge(&session, &forged, &keys(KEY), NOW), Verdict::Reuse);
    }

    #[test]
    fn a_session_that_ended_gives_nothing_to_any_of_its_tokens() {
        let (session, first) = begun();
        let (session, second) = rotated(&session, &first, NOW);
        let revoked = session.revoked(NOW);
        for token in [&first, &second] {
            assert_eq!(judge(&revoked, token, &keys(KEY), NOW), Verdict::Ended);
            assert_eq!(judge(&session, token, &keys(KEY), NOW.after(LIFE)), Verdict::Ended);
        }
        let anothers = RefreshToken { session: SessionId::from_uuid(Uuid::from_u128(9)), ..second };
        assert_eq!(judge(&session, &anothers, &keys(KEY), NOW), Verdict::Ended);
    }

    #[test]
    fn after_a_change_of_the_key_a_retry_must_log_in_again_but_nobody_is_accused() {
        let (session, first) = begun();
        let (session, second) = rotated(&session, &first, NOW);
        let another = keys("another key");
        assert_eq!(judge(&session, &first, &another, NOW), Verdict::Ended);
        assert!(matches!(judge(&session, &second, &another, NOW), Verdict::Rotate { .. }));
    }

    #[test]
    fn a_newer_key_derives_and_whoever_holds_something_by_the_former_goes_on() {
        let (session, first) = begun();
        let (session, second) = rotated(&session, &first, NOW);
        let csrf = second.csrf_token(&keys(KEY));
        let both = keys(&format!("a newer key, {KEY}"));
        assert_eq!(judge(&session, &first, &both, NOW), Verdict::Repeat(second.clone()));
        assert!(second.has_csrf_token(&csrf, &both), "a browser that keeps it in a cookie stays logged in");
        let newer = keys("a newer key");
        assert_eq!(judge(&session, &second, &both, NOW), judge(&session, &second, &newer, NOW));
        assert_eq!(second.csrf_token(&both), second.csrf_token(&newer));
        assert!(!second.has_csrf_token(&csrf, &newer), "once the former is gone so is what it made");
    }

    /// Whatever is presented in whatever order: a token is given out only to who holds the newest, or the one before
    /// it within the grace; and the session never holds more than one good token.
    #[test]
    fn in_any_history_only_the_newest_and_for_a_moment_the_former_token_get_anywhere() {
        for seed in 0..200 {
            let chance = Chance::new(seed);
            let (mut session, first) = begun();
            let mut tokens = vec![first];
            let mut now = NOW;
            for _ in 0..30 {
                now = now.after(Duration::from_millis(chance.below(15_000)));
                let nth = chance.below(tokens.len() as u64) as usize;
                let newest = tokens.len() - 1;
                let fresh = now.since(session.rotated_at) < GRACE;
                match judge(&session, &tokens[nth], &keys(KEY), now) {
                    Verdict::Rotate { session: next, token } => {
                        assert_eq!(nth, newest);
                        assert!(!tokens.contains(&token));
                        session = next;
                        tokens.push(token);
                    }
                    Verdict::Repeat(token) => {
                        assert!(nth + 1 == newest && fresh);
                        assert_eq!(token, tokens[newest]);
                    }
                    Verdict::Reuse => assert!(nth + 1 < newest || (nth + 1 == newest && !fresh)),
                    Verdict::Ended => panic!("nobody ended it"),
                }
            }
        }
    }

    #[test]
    fn a_csrf_token_is_of_one_refresh_token_and_is_no_refresh_token() {
        let (session, first) = begun();
        let (_, second) = rotated(&session, &first, NOW);
        let csrf = first.csrf_token(&keys(KEY));
        assert!(first.has_csrf_token(&csrf, &keys(KEY)));
        assert!(!second.has_csrf_token(&csrf, &keys(KEY)) && !first.has_csrf_token("", &keys(KEY)));
        assert_ne!(csrf, second.secret);
    }
}
