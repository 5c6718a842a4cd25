//! Recovery codes: for when the phone with the authenticator app is lost. Shown once, kept as hashes, each good once.

use data_encoding::BASE32_NOPAD;

use super::digest;
use crate::ids::UserId;
use crate::ports::Random;

const CODES: usize = 10;
/// Bytes of one: sixteen characters, too many to be guessed even by who holds the hash.
const BYTES: usize = 10;

/// The codes as they are shown, and as they are kept.
pub fn make(user: UserId, random: &dyn Random) -> (Vec<String>, Vec<String>) {
    let shown: Vec<String> = (0..CODES).map(|_| code(random)).collect();
    let kept = shown.iter().map(|code| hash(user, code)).collect();
    (shown, kept)
}

fn code(random: &dyn Random) -> String {
    let mut bytes = [0; BYTES];
    random.fill(&mut bytes);
    let text = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    let groups: Vec<&str> = (0..text.len()).step_by(4).filter_map(|at| text.get(at..at + 4)).collect();
    groups.join("-")
}

/// What is kept when this code has been used; `None` when it is none of them.
pub fn used(kept: &[String], user: UserId, code: &str) -> Option<Vec<String>> {
    let hash = hash(user, code);
    let left: Vec<String> = kept.iter().filter(|one| !digest::same(one, &hash)).cloned().collect();
    (left.len() < kept.len()).then_some(left)
}

/// However it was typed.
fn hash(user: UserId, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    digest::hash(&["recovery", &user.to_string(), &plain])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;
    use crate::identity::testing::Chance;

    const USER: UserId = UserId::from_uuid(Uuid::from_u128(7));

    #[test]
    fn ten_codes_each_good_once() {
        let (shown, mut kept) = make(USER, &Chance::new(1));
        assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), 10);
        for (i, code) in shown.iter().enumerate() {
            kept = used(&kept, USER, code).unwrap();
            assert_eq!(kept.len(), 9 - i);
            assert_eq!(used(&kept, USER, code), None);
        }
    }

    #[test]
    fn a_code_may_be_typed_without_hyphens_and_in_capitals() {
        let (shown, kept) = make(USER, &Chance::new(2));
        assert_eq!(shown[3].len(), 19);
        assert!(used(&kept, USER, &shown[3].replace('-', " ").to_ascii_uppercase()).is_some());
        assert_eq!(used(&kept, USER, ""), None);
    }

    #[test]
    fn a_code_is_of_one_account() {
        let (shown, kept) = make(USER, &Chance::new(3));
        assert_eq!(used(&kept, UserId::from_uuid(Uuid::from_u128(8)), &shown[0]), None);
    }
}
