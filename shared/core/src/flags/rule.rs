//! For whom a flag is on: the same answer each time it is asked, and nobody loses it when its percentage grows.

use sha2::{Digest, Sha256};

use super::Flag;
use crate::access::Role;
use crate::ids::UserId;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker<'a> {
    User {
        id: UserId,
        role: Role,
    },
    /// Known by nothing but the address; counts for the percentage alone.
    Guest {
        address: &'a str,
    },
}

impl Flag {
    pub fn is_on_for(&self, asker: &Asker<'_>) -> bool {
        let named = match asker {
            Asker::User { id, role } => self.users.contains(id) || self.roles.contains(role),
            Asker::Guest { .. } => false,
        };
        self.enabled && (named || self.place_of(asker) < self.percent)
    }

    /// A hundredth of all askers, another for each flag: 0 to 99.
    fn place_of(&self, asker: &Asker<'_>) -> u32 {
        let who = match asker {
            Asker::User { id, .. } => format!("user/{id}"),
            Asker::Guest { address } => format!("guest/{address}"),
        };
        let digest = Sha256::new().chain_update(&self.name).chain_update([0]).chain_update(who).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        (u64::from_be_bytes(first) % 100) as u32
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::time::Timestamp;

    fn flag(percent: u32) -> Flag {
        Flag {
            name: "checkout.new".to_owned(),
            version: 1,
            description: String::new(),
            enabled: true,
            percent,
            roles: Vec::new(),
            users: Vec::new(),
            updated_at: Timestamp::from_millis(0),
        }
    }

    fn user(n: u128, role: Role) -> Asker<'static> {
        Asker::User { id: UserId::from_uuid(Uuid::from_u128(n)), role }
    }

    fn customers() -> impl Iterator<Item = Asker<'static>> {
        (0..10_000).map(|n| user(n, Role::Customer))
    }

    #[test]
    fn none_have_it_at_0_and_all_at_100() {
        assert!(customers().all(|asker| !flag(0).is_on_for(&asker)));
        assert!(customers().all(|asker| flag(100).is_on_for(&asker)));
    }

    #[test]
    fn so_many_have_it_as_the_percentage_says() {
        for percent in [1, 10, 25, 50, 90] {
            let have = customers().filter(|asker| flag(percent).is_on_for(asker)).count() as f64 / 100.0;
            assert!((have - f64::from(percent)).abs() <= 2.0, "{percent}: {have}");
        }
    }

    #[test]
    fn a_growing_percentage_takes_it_from_nobody() {
        for asker in customers().take(500).chain([Asker::Guest { address: "203.0.113.7" }]) {
            let first = (0..=100).find(|percent| flag(*percent).is_on_for(&asker));
            assert!((first.unwrap_or(0)..=100).all(|percent| flag(percent).is_on_for(&asker)), "{asker:?}");
        }
    }

    #[test]
    fn another_flag_falls_to_others() {
        let other = Flag { name: "search.new".to_owned(), ..flag(50) };
        let alike = customers().filter(|asker| flag(50).is_on_for(asker) == other.is_on_for(asker)).count();
        assert!((4_500..=5_500).contains(&alike), "{alike}");
    }

    #[test]
    fn roles_and_users_have_it_whatever_the_percentage_unless_it_is_off() {
        let named = Flag { roles: vec![Role::Support], users: vec![UserId::from_uuid(Uuid::from_u128(7))], ..flag(0) };
        assert!(named.is_on_for(&user(7, Role::Customer)) && named.is_on_for(&user(8, Role::Support)));
        assert!(!named.is_on_for(&user(8, Role::Customer)));
        assert!(!named.is_on_for(&Asker::Guest { address: "203.0.113.7" }));
        let off = Flag { enabled: false, percent: 100, ..named };
        assert!(!off.is_on_for(&user(7, Role::Support)));
    }
}
