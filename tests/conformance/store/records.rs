//! Records are kept whole, each under its version, and nobody writes over what he has not read.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{ADDRESS, CODE, SESSION, USER, User};
use bharatmart_core::ports::Store;
use bharatmart_core::record::{Document, KINDS, Kind, Record, Row};
use bharatmart_core::{AddressId, Changes, Expect, RecordKey, Refusal, SessionId, Tenant, Write};
use bharatmart_tests::data::{an_event, at, tenant};
use bharatmart_tests::on_every;
use bharatmart_tests::stores::StoreWorld;
use uuid::Uuid;

use super::races::taken;
use super::{commit, refusal};
use crate::samples::{a_code, a_session, a_user, an_address, samples, user_id};

on_every!(bharatmart_tests::stores: memory, sqlite, postgres, pooled, dynamodb => [
    a_record_of_each_kind_reads_back_as_it_was_written,
    a_record_is_replaced_whole,
    a_record_is_new_once,
    a_record_is_written_over_only_in_the_version_that_was_read,
    a_record_is_removed_only_in_the_version_that_was_read,
    a_record_that_was_removed_may_be_made_anew,
    records_are_committed_together_or_not_at_all,
    a_record_lies_under_its_whole_key,
    of_twenty_who_write_one_version_one_wins,
    a_name_tells_who_holds_it,
    a_tenant_reads_no_record_of_another,
]);

fn main() -> Tenant {
    Tenant::main()
}

fn write(write: Write) -> Changes {
    Changes::new(&main()).write(write)
}

fn put(row: &Row, expect: Expect) -> Changes {
    write(Write::Record { row: row.clone(), expect })
}

fn key(row: &Row) -> RecordKey {
    row.key().expect("it has a key")
}

fn remove(row: &Row, version: u64) -> Changes {
    write(Write::Remove { kind: row.kind, key: key(row), version })
}

fn in_version(row: &Row, version: u64) -> Row {
    let mut row = row.clone();
    row.fields.insert("version".to_owned(), version.into());
    row
}

/// With the key of another, if it be of the same kind.
fn in_place_of(row: &Row, other: &Row) -> Row {
    let mut row = row.clone();
    for field in [Some(row.kind.id), row.kind.within].into_iter().flatten() {
        row.fields.insert(field.to_owned(), other.fields[field].clone());
    }
    row
}

async fn read_in(store: &dyn Store, tenant: &Tenant, row: &Row) -> Option<Document> {
    store.record(tenant, row.kind, &key(row)).await.unwrap()
}

async fn read(store: &dyn Store, row: &Row) -> Option<Document> {
    read_in(store, &main(), row).await
}

/// Whether what is kept under the key of `row` is just that.
async fn is_kept(store: &dyn Store, row: &Row) {
    assert_eq!(read(store, row).await.as_ref(), Some(&row.fields));
}

fn named(kind: &Kind) -> &'static str {
    kind.name
}

async fn a_record_of_each_kind_reads_back_as_it_was_written(StoreWorld { store, .. }: StoreWorld) {
    let (full, bare) = (samples(user_id()), samples(user_id()));
    let sampled: Vec<_> = full.iter().map(|sample| named(sample.full.kind)).collect();
    assert_eq!(sampled, KINDS.iter().map(|kind| named(kind)).collect::<Vec<_>>(), "a kind without a sample");
    let rows: Vec<_> =
        full.into_iter().map(|sample| sample.full).chain(bare.into_iter().map(|sample| sample.bare)).collect();
    for row in &rows {
        assert_eq!(read(&*store, row).await, None);
        commit(&*store, put(row, Expect::New)).await;
    }
    for row in &rows {
        is_kept(&*store, row).await;
    }
    let user: User = Row::read(read(&*store, &rows[0]).await.expect("it was written")).unwrap();
    assert_eq!(Row::of(&user), rows[0]);
}

async fn a_record_is_replaced_whole(StoreWorld { store, .. }: StoreWorld) {
    for sample in samples(user_id()) {
        let full = &sample.full;
        let bare = in_place_of(&sample.bare, full);
        commit(&*store, put(full, Expect::New)).await;
        for (version, next) in [(1, &bare), (2, full), (3, &bare)] {
            let next = in_version(next, version + 1);
            commit(&*store, put(&next, Expect::Version(version))).await;
            is_kept(&*store, &next).await;
        }
    }
}

async fn a_record_is_new_once(StoreWorld { store, .. }: StoreWorld) {
    for sample in samples(user_id()) {
        let first = put(&sample.full, Expect::New);
        let again = put(&in_place_of(&sample.bare, &sample.full), Expect::New);
        commit(&*store, first).await;
        let key = again.writes[0].key();
        assert_eq!(refusal(&*store, again).await, Refusal::Exists(key));
        is_kept(&*store, &sample.full).await;
    }
}

async fn a_record_is_written_over_only_in_the_version_that_was_read(StoreWorld { store, .. }: StoreWorld) {
    for sample in samples(user_id()) {
        let changed = |version| put(&in_version(&sample.full, version + 1), Expect::Version(version));
        let refused = Refusal::VersionChanged(changed(1).writes[0].key());
        if sample.full.kind == &USER {
            // What comes after belongs to it.
            commit(&*store, put(&sample.full, Expect::New)).await;
        } else {
            assert_eq!(refusal(&*store, changed(1)).await, refused, "nothing is there");
            assert_eq!(read(&*store, &sample.full).await, None);
            commit(&*store, put(&sample.full, Expect::New)).await;
        }
        assert_eq!(refusal(&*store, changed(2)).await, refused, "it has not come so far");
        commit(&*store, changed(1)).await;
        assert_eq!(refusal(&*store, changed(1)).await, refused, "it is past that");
        is_kept(&*store, &in_version(&sample.full, 2)).await;
    }
    let nobody = Row::of(&a_user(user_id()));
    let changed = put(&in_version(&nobody, 2), Expect::Version(1));
    let refused = Refusal::VersionChanged(changed.writes[0].key());
    assert_eq!(refusal(&*store, changed).await, refused);
}

async fn a_record_is_removed_only_in_the_version_that_was_read(StoreWorld { store, .. }: StoreWorld) {
    let samples = samples(user_id());
    for sample in &samples {
        commit(&*store, put(&sample.full, Expect::New)).await;
    }
    // The account last, since the others belong to it.
    for sample in samples.iter().rev() {
        let row = &sample.full;
        let refused = Refusal::VersionChanged(remove(row, 1).writes[0].key());
        assert_eq!(refusal(&*store, remove(row, 2)).await, refused);
        commit(&*store, put(&in_version(row, 2), Expect::Version(1))).await;
        assert_eq!(refusal(&*store, remove(row, 1)).await, refused);
        is_kept(&*store, &in_version(row, 2)).await;
        commit(&*store, remove(row, 2)).await;
        assert_eq!(read(&*store, row).await, None);
        assert_eq!(refusal(&*store, remove(row, 2)).await, refused, "it is gone");
    }
}

async fn a_record_that_was_removed_may_be_made_anew(StoreWorld { store, .. }: StoreWorld) {
    let code = a_code();
    let changes = || Changes::new(&main());
    commit(&*store, changes().put(&code, Expect::New)).await;
    commit(&*store, changes().remove(&code)).await;
    commit(&*store, changes().put(&code, Expect::New)).await;
    is_kept(&*store, &Row::of(&code)).await;
}

async fn records_are_committed_together_or_not_at_all(StoreWorld { store, .. }: StoreWorld) {
    let user = a_user(user_id());
    let session = a_session(user.id, SessionId::from_uuid(Uuid::from_u128(1)));
    let (old, new) = (a_code(), samples(user.id).swap_remove(3).full);
    commit(&*store, Changes::new(&main()).put(&old, Expect::New)).await;
    let whole = Changes::new(&main())
        .put(&user, Expect::New)
        .put(&session, Expect::New)
        .remove(&old)
        .write(Write::Record { row: new.clone(), expect: Expect::New })
        .event(an_event(&main(), at(0)));
    let address = an_address(user.id, AddressId::from_uuid(Uuid::from_u128(1)));
    let spoilt = whole.clone().put(&address, Expect::Version(1));

    let refused = Refusal::VersionChanged(spoilt.writes[4].key());
    assert_eq!(refusal(&*store, spoilt).await, refused);
    for row in [Row::of(&user), Row::of(&session), new.clone()] {
        assert_eq!(read(&*store, &row).await, None);
    }
    is_kept(&*store, &Row::of(&old)).await;
    assert_eq!(store.newest_events(1).await.unwrap(), []);

    commit(&*store, whole).await;
    for row in [Row::of(&user), Row::of(&session), new] {
        is_kept(&*store, &row).await;
    }
    assert_eq!(read(&*store, &Row::of(&old)).await, None);
    assert_eq!(store.newest_events(9).await.unwrap().len(), 1);
}

/// A key is looked for as it is: not a part of it, not in other letters, not where no key can be.
async fn a_record_lies_under_its_whole_key(StoreWorld { store, .. }: StoreWorld) {
    let (user, other) = (a_user(user_id()), a_user(user_id()));
    let id = SessionId::from_uuid(Uuid::from_u128(7));
    let [mine, theirs] = [&user, &other].map(|user| a_session(user.id, id));
    let code = a_code();
    let mut changes = Changes::new(&main()).put(&user, Expect::New).put(&other, Expect::New);
    changes = changes.put(&mine, Expect::New).put(&theirs, Expect::New).put(&code, Expect::New);
    commit(&*store, changes).await;
    commit(&*store, Changes::new(&main()).remove(&theirs)).await;
    is_kept(&*store, &Row::of(&mine)).await;
    assert_eq!(read(&*store, &Row::of(&theirs)).await, None);

    let (shorter, capital) = (&code.id[..code.id.len() - 1], code.id.to_uppercase());
    for id in ["", shorter, &capital, "%", &"7".repeat(3000)] {
        assert_eq!(store.record(&main(), &CODE, &RecordKey::alone(id)).await.unwrap(), None);
    }
    for id in ["", "ses_", &"7".repeat(1025)] {
        assert_eq!(store.record(&main(), &SESSION, &RecordKey::of_user(user.id, id)).await.unwrap(), None);
    }
    // Of another kind.
    assert_eq!(store.record(&main(), &ADDRESS, &RecordKey::of_user(user.id, id)).await.unwrap(), None);
    assert_eq!(store.record(&main(), &CODE, &RecordKey::alone(user.id)).await.unwrap(), None);
}

async fn of_twenty_who_write_one_version_one_wins(world: StoreWorld) {
    let user = a_user(user_id());
    commit(&*world.store, Changes::new(&main()).put(&user, Expect::New)).await;
    let code = a_code();
    commit(&*world.store, Changes::new(&main()).put(&code, Expect::New)).await;
    let changed = |kind: &Kind, id: &str| Refusal::VersionChanged(format!("{}/{id}", kind.name));

    let renaming = |i: usize| {
        let user = User { name: format!("Ravi {i}"), version: 2, ..user.clone() };
        Changes::new(&main()).put(&user, Expect::Version(1))
    };
    assert_eq!(taken(&world, 20, &changed(User::KIND, &user.id.to_string()), renaming).await, 1);
    let using = |_| Changes::new(&main()).remove(&code);
    assert_eq!(taken(&world, 20, &changed(&CODE, &code.id), using).await, 1);
}

async fn a_name_tells_who_holds_it(StoreWorld { store, .. }: StoreWorld) {
    let (kind, name) = (ClaimKind::Email, "asha+shop@example.in".to_owned());
    let owner = async |kind, name: &str| store.owner(&main(), kind, name).await.unwrap();
    assert_eq!(owner(kind, &name).await, None);
    let claim = |owner: &str| Write::Claim { kind, name: name.clone(), owner: owner.to_owned() };
    commit(&*store, write(claim("usr_1"))).await;
    assert_eq!(owner(kind, &name).await.as_deref(), Some("usr_1"));
    assert_eq!(owner(ClaimKind::Phone, &name).await, None);
    assert_eq!(owner(kind, &name[1..]).await, None);
    assert_eq!(owner(kind, "").await, None);
    assert_eq!(owner(kind, &"a".repeat(3000)).await, None);
    assert_eq!(store.owner(&tenant("main-2"), kind, &name).await.unwrap(), None);

    let unclaim = Write::Unclaim { kind, name: name.clone(), owner: "usr_1".to_owned() };
    commit(&*store, write(unclaim)).await;
    assert_eq!(owner(kind, &name).await, None);
    commit(&*store, write(claim("usr_2"))).await;
    assert_eq!(owner(kind, &name).await.as_deref(), Some("usr_2"));
}

async fn a_tenant_reads_no_record_of_another(StoreWorld { store, .. }: StoreWorld) {
    // One is the beginning of the other's name.
    let (first, second) = (tenant("shop"), tenant("shop-2"));
    let samples = samples(user_id());
    let rows: Vec<_> = samples.iter().map(|sample| &sample.full).collect();
    let in_tenant = |tenant: &Tenant, row: &Row, expect| Changes { tenant: tenant.clone(), ..put(row, expect) };
    for row in &rows {
        commit(&*store, in_tenant(&first, row, Expect::New)).await;
        assert_eq!(read_in(&*store, &second, row).await, None);
        let key = in_tenant(&second, row, Expect::New).writes[0].key();
        let elsewhere = Changes { tenant: second.clone(), ..remove(row, 1) };
        assert_eq!(refusal(&*store, elsewhere).await, Refusal::VersionChanged(key));
    }
    for row in &rows {
        commit(&*store, in_tenant(&second, row, Expect::New)).await;
        commit(&*store, in_tenant(&second, &in_version(row, 2), Expect::Version(1))).await;
    }
    for row in rows.iter().rev() {
        assert_eq!(read_in(&*store, &first, row).await.as_ref(), Some(&row.fields));
        commit(&*store, Changes { tenant: first.clone(), ..remove(row, 1) }).await;
        assert_eq!(read_in(&*store, &first, row).await, None);
        assert_eq!(read_in(&*store, &second, row).await, Some(in_version(row, 2).fields));
    }
}
