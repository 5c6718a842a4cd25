//! The people of a story: records of every kind, written, written over and taken away in the versions they have and in
//! others; and counts within windows. Some accounts stay, so that what belongs to an account can come and go.

use std::time::Duration;

use bharatmart_core::identity::{ADDRESS, AUDIT, CODE, PENDING_EMAIL, SESSION, USER};
use bharatmart_core::record::{Document, Kind, Row};
use bharatmart_core::{Changes, Expect, RecordKey, Tenant, UserId, Write};
use rand::rngs::StdRng;

use super::cast::uuid;
use super::generate::Story;
use super::play::{Step, Whose};
use crate::samples::samples;

/// So many accounts are there from the beginning and never taken away.
const LASTING: usize = 3;

pub struct People {
    pub users: Vec<UserId>,
    /// Whose records may be, there or not.
    pub records: Vec<(&'static Kind, RecordKey)>,
    /// Of each kind, with everything it can hold and with what it must.
    patterns: Vec<(Row, Row)>,
}

impl People {
    pub fn new(rng: &mut StdRng) -> Self {
        let users: Vec<_> = (0..7).map(|nth| UserId::from_uuid(uuid(rng, nth))).collect();
        let mut records: Vec<_> = users.iter().map(|user| (&USER, RecordKey::alone(user))).collect();
        for user in &users[..LASTING] {
            records.push((&PENDING_EMAIL, RecordKey::alone(format!("{user}@example.in"))));
            records.push((&CODE, RecordKey::alone(format!("verify_email/{user}"))));
            for nth in 0..4 {
                records.push((&SESSION, RecordKey::of_user(*user, format!("ses_{}", uuid(rng, nth).simple()))));
                records.push((&ADDRESS, RecordKey::of_user(*user, format!("adr_{}", uuid(rng, nth).simple()))));
            }
        }
        records.extend((0..12).map(|nth| (&AUDIT, RecordKey::alone(format!("aud_{}", uuid(rng, nth).simple())))));
        let patterns = samples(users[0]).into_iter().map(|sample| (sample.full, sample.bare)).collect();
        People { users, records, patterns }
    }

    /// What belongs to an account, or is about one, is about these.
    pub fn lasting(&self) -> &[UserId] {
        &self.users[..LASTING]
    }

    fn lasts(&self, kind: &Kind, key: &RecordKey) -> bool {
        *kind == USER && self.lasting().iter().any(|user| user.to_string() == key.id)
    }
}

impl Story {
    /// Played before the first step.
    pub fn beginning(&mut self) -> Vec<Step> {
        let lasting: Vec<_> = self.cast.people.records[..LASTING].to_vec();
        let arrive = |story: &mut Story, tenant: &Tenant| {
            let mut changes = Changes::new(tenant);
            for (kind, key) in &lasting {
                let row = story.described_record(kind, key, 1);
                changes.writes.push(Write::Record { row, expect: Expect::New });
            }
            Step::Commit { changes: Box::new(changes), answer: Whose::Latest, lease: Whose::Latest }
        };
        let tenants = self.cast.tenants.clone();
        tenants.iter().map(|tenant| arrive(self, tenant)).collect()
    }

    pub fn record(&mut self, changes: &mut Changes) {
        let (kind, key) = self.one(|cast| &cast.people.records);
        let known = self.records.get(&(changes.tenant.clone(), kind.name, key.clone())).copied();
        let (expect, version) = self.expect(known);
        let leaves = self.below(4) == 0 && !self.cast.people.lasts(kind, &key);
        changes.writes.push(match expect {
            Expect::Version(version) if leaves => Write::Remove { kind, key, version },
            _ => Write::Record { row: self.described_record(kind, &key, version), expect },
        });
    }

    /// With some of what it can hold.
    fn described_record(&mut self, kind: &'static Kind, key: &RecordKey, version: u64) -> Row {
        let patterns = &self.cast.people.patterns;
        let Some((full, bare)) = patterns.iter().find(|(row, _)| row.kind == kind).cloned() else {
            panic!("a {} without a pattern", kind.name);
        };
        let mut fields: Document = bare.fields;
        for (name, value) in full.fields {
            if self.below(2) == 0 {
                fields.insert(name, value);
            }
        }
        fields.insert("version".to_owned(), version.into());
        fields.insert(kind.id.to_owned(), key.id.clone().into());
        if let Some(field) = kind.within {
            fields.insert(field.to_owned(), key.within.clone().into());
        }
        if let Some(field) = kind.listed_by {
            fields.insert(field.to_owned(), self.one(|cast| cast.people.lasting()).to_string().into());
        }
        for moment in ["at", "updated_at", "rotated_at"] {
            if let Some(value) = fields.get_mut(moment) {
                *value = self.now.to_string().into();
            }
        }
        Row { kind, fields }
    }

    pub fn count(&mut self) -> Step {
        let (tenant, counter) = (self.tenant(), self.one(|cast| &cast.counters));
        if self.below(12) == 0 {
            return Step::ResetCounter { tenant, counter };
        }
        let (by, window) = (self.below(4) as u32, Duration::from_secs(1 + self.below(40) as u64));
        Step::Count { tenant, counter, by, window, now: self.now }
    }
}
