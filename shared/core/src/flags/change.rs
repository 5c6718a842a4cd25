//! What an admin sends to set a flag, and what is written then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Flag;
use crate::access::Role;
use crate::changes::{Changes, Expect};
use crate::check::{Check, FieldError, Invalid};
use crate::hand::Hand;
use crate::identity::Action;
use crate::ids::UserId;
use crate::text::bounded;

const MAX_USERS: usize = 200;

/// The whole of a flag: what is absent is not there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagInput {
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub description: String,
    /// Off for everybody unless this is true.
    pub enabled: bool,
    /// For so many per cent of all, the same ones at each look.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub percent: i64,
    /// And for whoever is one of these: customer, seller, support, delivery, admin.
    #[serde(default)]
    pub roles: Vec<String>,
    /// And for these, by their ids.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub users: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagSetting {
    description: String,
    enabled: bool,
    percent: u32,
    roles: Vec<Role>,
    users: Vec<UserId>,
}

/// A flag's name: `checkout.new`. `None` when the text can be none.
pub fn name(text: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    let good = (1..=64).contains(&text.len()) && text.bytes().all(allowed) && text.as_bytes()[0].is_ascii_lowercase();
    good.then(|| text.to_owned())
}

impl FlagSetting {
    /// Everything that is wrong, named at once.
    pub fn parse(input: &FlagInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let description = check.field("description", bounded(&input.description, 0, 500)).unwrap_or_default();
        let percent = u32::try_from(input.percent).ok().filter(|percent| *percent <= 100);
        let percent = percent.ok_or_else(|| Invalid::new("out_of_range", "must be 0 to 100"));
        let percent = check.field("percent", percent).unwrap_or_default();
        let unknown = || Invalid::new("unknown_role", "must be customer, seller, support, delivery or admin");
        let mut role = |(at, name): (usize, &String)| {
            check.field(format!("roles[{at}]"), Role::parse(name).ok_or_else(unknown)) //
        };
        let mut roles: Vec<Role> = input.roles.iter().enumerate().filter_map(&mut role).collect();
        roles.sort_by_key(|role| role.name());
        roles.dedup();
        if input.users.len() > MAX_USERS {
            check.add("users", Invalid::new("too_many", format!("must be at most {MAX_USERS}")));
        }
        let mut user = |(at, id): (usize, &String)| check.field(format!("users[{at}]"), id.parse());
        let mut users: Vec<UserId> = input.users.iter().enumerate().filter_map(&mut user).collect();
        users.sort_unstable();
        users.dedup();
        let setting = FlagSetting { description, enabled: input.enabled, percent, roles, users };
        if check.is_clean() { Ok(setting) } else { Err(check.into_errors()) }
    }
}

/// The flag as it is afterwards; nothing to write when nothing is new.
pub fn set(hand: Hand<'_>, name: &str, known: Option<&Flag>, setting: FlagSetting) -> (Flag, Option<Changes>) {
    let FlagSetting { description, enabled, percent, roles, users } = setting;
    let version = known.map_or(1, |known| known.version + 1);
    let name = name.to_owned();
    let flag = Flag { name, version, description, enabled, percent, roles, users, updated_at: hand.now() };
    let Some(known) = known else {
        let entry = hand.audit(Action::FlagCreated, &flag.name).changed(None, Some(&flag));
        let changes = hand.changes().put(&flag, Expect::New).put(&entry, Expect::New);
        return (flag, Some(changes));
    };
    if (Flag { version: known.version, updated_at: known.updated_at, ..flag.clone() }) == *known {
        return (known.clone(), None);
    }
    let entry = hand.audit(Action::FlagChanged, &flag.name).changed(Some(known), Some(&flag));
    let changes = hand.changes().put(&flag, Expect::Version(known.version)).put(&entry, Expect::New);
    (flag, Some(changes))
}

pub fn remove(hand: Hand<'_>, flag: &Flag) -> Changes {
    let entry = hand.audit(Action::FlagDeleted, &flag.name).changed(Some(flag), None);
    hand.changes().remove(flag).put(&entry, Expect::New)
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlagView {
    pub name: String,
    pub description: String,
    pub enabled: bool,
    pub percent: u32,
    pub roles: Vec<String>,
    pub users: Vec<String>,
    pub version: u64,
    pub updated_at: String,
}

impl From<&Flag> for FlagView {
    fn from(flag: &Flag) -> Self {
        FlagView {
            name: flag.name.clone(),
            description: flag.description.clone(),
            enabled: flag.enabled,
            percent: flag.percent,
            roles: flag.roles.iter().map(|role| role.name().to_owned()).collect(),
            users: flag.users.iter().map(UserId::to_string).collect(),
            version: flag.version,
            updated_at: flag.updated_at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(percent: i64, roles: &[&str], users: &[&str]) -> FlagInput {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        FlagInput { description: String::new(), enabled: true, percent, roles: owned(roles), users: owned(users) }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let errors = FlagSetting::parse(&input(101, &["admin", "king"], &["usr_1"])).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["percent", "roles[1]", "users[0]"]);
        let twice = FlagSetting::parse(&input(-1 + 1, &["admin", "admin"], &[])).unwrap();
        assert_eq!(twice.roles, [Role::Admin]);
    }

    #[test]
    fn a_name_is_a_plain_word() {
        assert!(["checkout.new", "a", "x-1_y"].iter().all(|text| name(text).is_some()));
        assert!(["", "A", ".a", "1a", "a b", "a/b", &"a".repeat(65)].iter().all(|text| name(text).is_none()));
    }
}
