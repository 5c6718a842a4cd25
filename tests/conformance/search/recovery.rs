//! Killed, emptied and damaged: whatever a reader or writer had is made good from what is published.

use std::fs;
use std::path::Path;

use bharatmart_core::ports::{Blobs, Fault, Fence};
use bharatmart_tests::data;

use super::catalogue::{plainly, some_docs};
use super::hindered::Interruption;
use super::rebuilding::rebuild;
use super::worlds::SearchWorld;
use super::{everything, find, ids, walk};

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    readers_and_writers_start_again_from_the_blobs_alone,
    a_writer_killed_before_it_published_has_changed_nothing,
    a_writer_that_never_heard_that_it_published_goes_on,
    damaged_folders_are_made_good,
    an_index_that_cannot_be_read_is_rebuilt,
]);

async fn readers_and_writers_start_again_from_the_blobs_alone(world: SearchWorld) {
    let mut docs = some_docs(20, 30);
    world.apply(&docs).await;
    let more = some_docs(21, 5);
    let index = world.index("another machine").await;
    index.apply(Fence(1), more.clone(), vec![], data::at(1)).await.expect("applied");
    docs.extend(more);
    for reader in ["one", "two"] {
        assert_eq!(walk(&*world.reader(reader).await, &everything()).await, ids(plainly(&docs, &everything())));
    }
}

async fn a_writer_killed_before_it_published_has_changed_nothing(world: SearchWorld) {
    let docs = some_docs(22, 30);
    let before = world.apply(&docs).await;
    world.blobs.interrupt(Interruption::Before);
    let killed = world.index("writer").await;
    assert!(killed.apply(Fence(1), some_docs(23, 9), vec![], data::at(1)).await.is_err());
    drop(killed);
    assert_eq!(world.packs().await, 2, "one that nobody knows of");
    let search = world.reader("reader").await;
    assert_eq!(search.snapshot().await.expect("answers"), Some(before));

    let more = some_docs(24, 9);
    let all = [docs, more.clone()].concat();
    let index = world.index("writer").await;
    index.apply(Fence(1), more, vec![], data::at(2)).await.expect("applied");
    assert_eq!(walk(&*search, &everything()).await, ids(plainly(&all, &everything())));
    assert_eq!(world.packs().await, 2, "the new one and the one before it; the unknown one is swept away");
}

async fn a_writer_that_never_heard_that_it_published_goes_on(world: SearchWorld) {
    world.apply(&some_docs(25, 10)).await;
    let index = world.index("writer").await;
    world.blobs.interrupt(Interruption::After);
    let docs = some_docs(26, 10);
    assert!(index.apply(Fence(1), docs.clone(), vec![], data::at(1)).await.is_err());
    let published = world.reader("reader").await.snapshot().await.expect("answers");
    let again = index.apply(Fence(1), docs, vec![], data::at(2)).await.expect("applied");
    assert_eq!(Some(again), published, "it was all there");
}

async fn damaged_folders_are_made_good(world: SearchWorld) {
    let mut docs = some_docs(27, 40);
    world.apply(&docs).await;
    assert_eq!(
        find(&*world.reader("reader").await, &everything()).await.rows.len(),
        plainly(&docs, &everything()).len()
    );
    for (round, damage) in [garble, cut_short, empty_out].into_iter().enumerate() {
        damage(&world.folder("writer"));
        damage(&world.folder("reader"));
        let more = some_docs(28 + round as u64, 10);
        world.apply(&more).await;
        docs.extend(more);
        assert_eq!(walk(&*world.reader("reader").await, &everything()).await, ids(plainly(&docs, &everything())));
    }
}

fn garble(folder: &Path) {
    change_files(folder, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
}

fn cut_short(folder: &Path) {
    change_files(folder, |bytes| bytes.truncate(bytes.len() / 2));
}

fn empty_out(folder: &Path) {
    fs::remove_dir_all(folder).expect("a folder");
}

fn change_files(folder: &Path, change: impl Fn(&mut Vec<u8>)) {
    let files: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    assert!(!files.is_empty(), "something to damage in {}", folder.display());
    for file in files {
        let mut bytes = fs::read(&file).expect("readable");
        change(&mut bytes);
        fs::write(&file, bytes).expect("writable");
    }
}

async fn an_index_that_cannot_be_read_is_rebuilt(world: SearchWorld) {
    let docs = some_docs(40, 20);
    world.apply(&docs).await;
    let published = world.blobs.get("search/current.json").await.expect("answers").expect("published");
    let packs = world.blobs.list("search/packs/").await.expect("a list");
    let mut fence = 1;
    for damage in ["not JSON", "another shape", "no pack"] {
        match damage {
            "not JSON" => put(&world, b"{\"shape\": 1,".to_vec()).await,
            "another shape" => put(&world, br#"{"shape": 99, "fence": 1, "what": "ever"}"#.to_vec()).await,
            _ => {
                put(&world, published.bytes.clone()).await;
                for pack in &packs {
                    world.blobs.delete(pack).await.expect("deleted");
                }
            }
        }
        let index = world.index(damage).await;
        assert!(index.apply(Fence(fence), some_docs(41, 1), vec![], data::at(1)).await.is_err(), "{damage}");
        let asked = world.reader(damage).await.find(&everything()).await;
        assert!(matches!(asked, Err(Fault::Away { .. })), "{damage}: {asked:?}");
        fence += 1;
        rebuild(&*index, Fence(fence), &docs).await;
        let search = world.reader(damage).await;
        assert_eq!(walk(&*search, &everything()).await, ids(plainly(&docs, &everything())), "{damage}");
        assert_eq!(world.packs().await, 1, "{damage}: nothing is left of it");
    }
}

async fn put(world: &SearchWorld, bytes: Vec<u8>) {
    world.blobs.put("search/current.json", bytes, "application/json").await.expect("put");
}
