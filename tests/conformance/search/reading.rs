//! What a reader keeps: whole snapshots, new ones soon, old ones when there is nothing better.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bharatmart_core::Paise;
use bharatmart_core::ports::{Blobs, Fault, Fence, SearchQuery, SearchSort};
use bharatmart_tests::{data, eventually};

use super::catalogue::{a_doc, price_of, repriced};
use super::worlds::SearchWorld;
use super::{everything, find};
use crate::clock::TurnedClock;

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    nothing_published_is_away_until_something_is,
    readers_always_see_one_whole_snapshot,
    a_recent_snapshot_is_answered_from_while_a_newer_is_fetched,
    after_a_long_sleep_a_reader_looks_before_it_answers,
    many_questions_at_once_look_once,
    an_old_snapshot_serves_while_the_blobs_are_away,
    a_snapshot_that_cannot_be_had_whole_is_not_taken,
    readers_share_a_folder,
]);

const EVERY: Duration = Duration::from_millis(500);

async fn nothing_published_is_away_until_something_is(world: SearchWorld) {
    let search = world.reader("reader").await;
    assert_eq!(search.snapshot().await.expect("answers"), None);
    let asked = search.find(&everything()).await;
    assert!(matches!(asked, Err(Fault::Away { port: "search", .. })), "{asked:?}");
    world.apply(&[a_doc("Atta")]).await;
    assert_eq!(find(&*search, &everything()).await.total, 1);
}

/// Each apply gives all products one price: a page with two would be half of one snapshot and half of another.
async fn readers_always_see_one_whole_snapshot(world: SearchWorld) {
    let world = Arc::new(world);
    let mut docs: Vec<_> = (0..30).map(|n| a_doc(&format!("Thing {n}"))).collect();
    world.apply(&docs).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers = (0..3).map(|n| {
        let (world, done) = (world.clone(), done.clone());
        tokio::spawn(async move {
            // The first two share a folder; the last looks in the background.
            let every = if n == 2 { Duration::from_millis(1) } else { Duration::ZERO };
            let clock = Arc::new(bharatmart_adapters::system::System);
            let search = world.reader_that_looks(if n == 2 { "alone" } else { "shared" }, every, clock).await;
            let (mut last, mut seen) = (0, 0);
            while !done.load(Ordering::SeqCst) {
                let sort = [SearchSort::Newest, SearchSort::Name, SearchSort::PriceAsc][seen as usize % 3];
                let found = find(&*search, &SearchQuery { sort, ..everything() }).await;
                assert_eq!((found.total, found.rows.len()), (30, 30));
                let price = price_of(&found.rows[0]);
                assert!(found.rows.iter().all(|row| price_of(row) == price), "{:?}", found.rows);
                assert!(price >= last || price == 10_000, "a reader never goes back: {last}, {price}");
                last = price;
                seen += 1;
                tokio::task::yield_now().await;
            }
            (last, seen)
        })
    });
    let readers: Vec<_> = readers.collect();
    let index = world.index("writer").await;
    for round in 1..=50 {
        docs = docs.iter().map(|doc| repriced(doc, 200 + round)).collect();
        index.apply(Fence(1), docs.clone(), vec![], data::at(i64::from(round))).await.expect("applied");
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        let (last, seen) = reader.await.expect("no reader sees half a snapshot");
        assert!(seen > 10 && last >= Paise::from_rupees(201).get(), "{seen} pages, the last at {last}");
    }
    let found = find(&*world.reader("late").await, &everything()).await;
    assert_eq!(price_of(&found.rows[0]), Paise::from_rupees(250).get());
}

async fn a_recent_snapshot_is_answered_from_while_a_newer_is_fetched(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let clock = Arc::new(TurnedClock::new());
    let search = world.reader_that_looks("reader", EVERY, clock.clone()).await;
    let price = || async { price_of(&find(&*search, &everything()).await.rows[0]) };
    world.apply(&[repriced(&doc, 250)]).await;
    let asked = world.blobs.asked();
    assert_eq!(price().await, 10_000);
    assert_eq!(world.blobs.asked(), asked, "it has just looked");
    clock.turn(EVERY);
    assert_eq!(price().await, 10_000, "the old one, at once");
    eventually("the newer one is there", || async { price().await == 25_000 }).await;
}

async fn after_a_long_sleep_a_reader_looks_before_it_answers(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let clock = Arc::new(TurnedClock::new());
    let search = world.reader_that_looks("reader", EVERY, clock.clone()).await;
    world.apply(&[repriced(&doc, 250)]).await;
    clock.turn(EVERY * 10);
    assert_eq!(price_of(&find(&*search, &everything()).await.rows[0]), 25_000);
}

async fn many_questions_at_once_look_once(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let clock = Arc::new(TurnedClock::new());
    let search = world.reader_that_looks("reader", EVERY, clock.clone()).await;
    world.apply(&[repriced(&doc, 250)]).await;
    clock.turn(EVERY * 100);
    let asked = world.blobs.asked();
    let questions = (0..50).map(|_| async { price_of(&find(&*search, &everything()).await.rows[0]) });
    assert_eq!(futures_util::future::join_all(questions).await, [25_000; 50]);
    let asked = world.blobs.asked() - asked;
    assert!(
        (2..=3).contains(&asked),
        "{asked}: a manifest, a pack, and a look for those who came after the first began"
    );
}

async fn an_old_snapshot_serves_while_the_blobs_are_away(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let clock = Arc::new(TurnedClock::new());
    let search = world.reader_that_looks("reader", EVERY, clock.clone()).await;
    world.blobs.set_away(true);
    clock.turn(EVERY * 100);
    assert_eq!(find(&*search, &everything()).await.total, 1);
    let late = world.reader_that_looks("late", EVERY, clock.clone()).await;
    let asked = late.find(&everything()).await;
    assert!(matches!(asked, Err(Fault::Away { .. })), "{asked:?}");
    assert!(late.snapshot().await.is_err(), "it cannot know");
    world.blobs.set_away(false);
    clock.turn(EVERY);
    assert_eq!(find(&*late, &everything()).await.total, 1);
}

async fn a_snapshot_that_cannot_be_had_whole_is_not_taken(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let search = world.reader("reader").await;
    let before = world.blobs.list("search/packs/").await.expect("a list");
    world.apply(&[repriced(&doc, 250)]).await;
    for pack in world.blobs.list("search/packs/").await.expect("a list") {
        if !before.contains(&pack) {
            world.blobs.delete(&pack).await.expect("deleted");
        }
    }
    assert_eq!(price_of(&find(&*search, &everything()).await.rows[0]), 10_000, "what it has is whole");
}

async fn readers_share_a_folder(world: SearchWorld) {
    let doc = a_doc("Atta");
    world.apply(std::slice::from_ref(&doc)).await;
    let (one, two) = tokio::join!(world.reader("shared"), world.reader("shared"));
    let asked = world.blobs.asked();
    let third = world.reader("shared").await;
    assert_eq!(world.blobs.asked() - asked, 1, "the manifest; the rest is there");
    world.apply(&[repriced(&doc, 250)]).await;
    for search in [one, two, third] {
        assert_eq!(price_of(&find(&*search, &everything()).await.rows[0]), 25_000);
    }
}
