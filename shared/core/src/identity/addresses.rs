//! The address book of an account: at most ten, one of them the default. Number and default stand on the account and
//! change in the same commit, under its version, so that two changes at once can break neither.

use super::address::Address;
use super::address_input::Place;
use super::scene::Scene;
use super::user::User;
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::ids::AddressId;
use crate::time::Timestamp;

pub const MAX_ADDRESSES: u32 = 10;

/// The account and address as they are after the commit.
#[derive(Clone, Debug)]
pub struct Booked {
    pub user: User,
    pub address: Address,
    pub changes: Changes,
}

/// The book is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookFull;

/// The first one is the default.
pub fn add(scene: Scene<'_>, user: &User, place: &Place) -> Result<Booked, BookFull> {
    if user.addresses >= MAX_ADDRESSES {
        return Err(BookFull);
    }
    let now = scene.now();
    let address = place.address(user, AddressId::new(scene.ids), 1, now, now);
    let mut next = user.next(now);
    next.addresses += 1;
    if place.is_default || next.default_address.is_none() {
        next.default_address = Some(address.id);
    }
    let changes = scene.changes().put(&address, Expect::New).put(&next, Expect::Version(user.version));
    let changes = changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
    Ok(Booked { user: next, address, changes })
}

pub fn change(scene: Scene<'_>, user: &User, address: &Address, place: &Place) -> Booked {
    let now = scene.now();
    let changed = place.address(user, address.id, address.version + 1, address.created_at, now);
    let mut changes = scene.changes().put(&changed, Expect::Version(address.version));
    let mut next = user.clone();
    if place.is_default && user.default_address != Some(address.id) {
        next = User { default_address: Some(address.id), ..user.next(now) };
        changes = changes.put(&next, Expect::Version(user.version));
    }
    changes = changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
    Booked { user: next, address: changed, changes }
}

/// `None`: it is the default already.
pub fn make_default(scene: Scene<'_>, user: &User, address: &Address) -> Option<Booked> {
    if user.default_address == Some(address.id) {
        return None;
    }
    let next = User { default_address: Some(address.id), ..user.next(scene.now()) };
    let changes = scene.changes().put(&next, Expect::Version(user.version));
    let changes = changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids));
    Some(Booked { user: next, address: address.clone(), changes })
}

/// `all` are the account's addresses. When the default goes, the newest of the others takes its place.
pub fn remove(scene: Scene<'_>, user: &User, address: &Address, all: &[Address]) -> Changes {
    let mut next = user.next(scene.now());
    next.addresses = user.addresses.saturating_sub(1);
    if user.default_address == Some(address.id) {
        // Ids sort by the time they were made.
        next.default_address = all.iter().map(|other| other.id).filter(|id| *id != address.id).max();
    }
    let changes = scene.changes().remove(address).put(&next, Expect::Version(user.version));
    changes.event(next.event(EventKind::UserUpdated, scene.tenant, scene.clock, scene.ids))
}

impl Place {
    fn address(&self, user: &User, id: AddressId, version: u64, created_at: Timestamp, now: Timestamp) -> Address {
        let place = self.clone();
        Address {
            user_id: user.id,
            id,
            version,
            label: place.label,
            full_name: place.full_name,
            phone: place.phone,
            line1: place.line1,
            line2: place.line2,
            landmark: place.landmark,
            city: place.city,
            state: place.state,
            pincode: place.pincode,
            country: place.country,
            latitude: place.at.map(|(latitude, _)| latitude),
            longitude: place.at.map(|(_, longitude)| longitude),
            created_at,
            updated_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::samples::{World, user};
    use crate::identity::testing::Chance;
    use crate::ports::Random;

    fn place(is_default: bool) -> Place {
        Place {
            label: "home".to_owned(),
            full_name: "Asha Rao".to_owned(),
            phone: "+919876543210".to_owned(),
            line1: "14, 3rd Cross".to_owned(),
            line2: None,
            landmark: None,
            city: "Bengaluru".to_owned(),
            state: "Karnataka".to_owned(),
            pincode: "560001".to_owned(),
            country: "IN".to_owned(),
            at: Some((12_971_599, 77_594_563)),
            is_default,
        }
    }

    /// Whatever is added, changed and removed in whatever order, the account's count and default are true of its book.
    #[test]
    fn a_book_holds_ten_at_most_and_has_a_default_whenever_it_has_an_address() {
        for seed in 0..100 {
            let (world, chance) = (World::new(), Chance::new(seed));
            let (mut owner, mut book) = (user(), Vec::<Address>::new());
            for _ in 0..60 {
                let one = book.get(chance.below(book.len() as u64) as usize).cloned();
                let place = place(chance.below(4) == 0);
                match (chance.below(4), one) {
                    (0, Some(one)) => {
                        let newest = book.iter().map(|other| other.id).filter(|id| *id != one.id).max();
                        let was_default = owner.default_address == Some(one.id);
                        let changes = remove(world.scene(), &owner, &one, &book);
                        owner = written(&changes);
                        book.retain(|other| other.id != one.id);
                        assert!(!was_default || owner.default_address == newest, "the newest is promoted");
                    }
                    (1, Some(one)) => {
                        let booked = change(world.scene(), &owner, &one, &place);
                        assert!(!place.is_default || booked.user.default_address == Some(one.id));
                        owner = booked.user;
                        book.retain(|other| other.id != one.id);
                        book.push(booked.address);
                    }
                    (2, Some(one)) => {
                        if let Some(booked) = make_default(world.scene(), &owner, &one) {
                            owner = booked.user;
                        }
                        assert_eq!(owner.default_address, Some(one.id));
                    }
                    _ => match add(world.scene(), &owner, &place) {
                        Ok(booked) => {
                            booked.changes.check().unwrap();
                            owner = booked.user;
                            book.push(booked.address);
                        }
                        Err(BookFull) => assert_eq!(book.len(), 10),
                    },
                }
                assert_eq!(owner.addresses as usize, book.len());
                assert!(book.len() <= 10);
                let default = book.iter().filter(|one| owner.default_address == Some(one.id)).count();
                assert_eq!(default, usize::from(!book.is_empty()));
            }
        }
    }

    fn written(changes: &Changes) -> User {
        let user = changes.writes.iter().find_map(|write| match write {
            crate::changes::Write::Record { row, .. } => crate::record::Row::read(row.fields.clone()).ok(),
            _ => None,
        });
        user.unwrap()
    }

    #[test]
    fn a_change_of_the_default_is_under_the_accounts_version() {
        let world = World::new();
        let first = add(world.scene(), &user(), &place(false)).unwrap();
        let second = add(world.scene(), &first.user, &place(true)).unwrap();
        assert_eq!(first.user.default_address, Some(first.address.id));
        assert_eq!(second.user.default_address, Some(second.address.id));
        assert_eq!(second.user.version, 3);
        let other = change(world.scene(), &second.user, &first.address, &place(false));
        assert_eq!((other.changes.writes.len(), other.user.version), (1, 3));
        assert!(make_default(world.scene(), &second.user, &second.address).is_none());
    }
}
