//! Building the index anew while the one in force serves and is kept up: all of the new one takes over, or nothing.

use std::sync::Arc;

use bharatmart_core::ports::{Fault, Fence, Rebuild, SearchDoc, SearchIndex, SnapshotInfo};
use bharatmart_tests::data;

use super::catalogue::{a_doc, plainly, repriced, some_docs, tenant};
use super::worlds::SearchWorld;
use super::{everything, find, ids, walk};

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    a_rebuild_leaves_only_what_it_was_given,
    what_is_applied_meanwhile_must_be_read_once_more,
    what_a_lagging_list_left_out_must_be_read_once_more,
    until_it_is_published_nothing_has_changed,
    it_is_not_published_over_what_came_after_it_had_looked,
    a_lesser_fence_is_refused,
    of_two_rebuilds_the_later_wins,
    a_new_writer_does_not_sweep_away_what_is_being_built,
    it_is_over_when_it_is_published,
]);

/// From beginning to end, with nothing in between.
pub async fn rebuild(index: &dyn SearchIndex, fence: Fence, docs: &[SearchDoc]) -> SnapshotInfo {
    let mut rebuild = index.rebuild().await.expect("begun");
    for some in docs.chunks(17) {
        rebuild.add(some.to_vec()).await.expect("added");
    }
    rebuild.changed().await.expect("what has changed");
    rebuild.publish(fence, vec![], vec![], data::at(2)).await.expect("published")
}

async fn all(world: &SearchWorld) -> Vec<String> {
    walk(&*world.reader("reader").await, &everything()).await
}

async fn a_rebuild_leaves_only_what_it_was_given(world: SearchWorld) {
    let docs = some_docs(7, 50);
    world.apply(&docs).await;
    let older: Vec<_> = docs[..20].iter().map(|doc| SearchDoc { version: 0, ..doc.clone() }).collect();
    let index = world.index("writer").await;
    let info = rebuild(&*index, Fence(2), &older).await;
    assert_eq!((info.documents, info.fence), (20, Fence(2)));
    assert_eq!(all(&world).await, ids(plainly(&docs[..20], &everything())));
    index.apply(Fence(2), docs[20..25].to_vec(), vec![], data::at(3)).await.expect("it goes on from there");
    assert_eq!(all(&world).await, ids(plainly(&docs[..25], &everything())));
}

async fn what_is_applied_meanwhile_must_be_read_once_more(world: SearchWorld) {
    let [old, gone, new] = ["Old", "Gone", "New"].map(a_doc);
    world.apply(&[old.clone(), gone.clone()]).await;
    let index = world.index("writer").await;
    let mut rebuild = index.rebuild().await.expect("begun");
    rebuild.add(vec![old.clone(), gone.clone()]).await.expect("added");
    world.apply(&[repriced(&old, 250), new.clone()]).await;
    world.take_out(&gone).await;
    let mut changed = rebuild.changed().await.expect("what has changed");
    changed.sort();
    let mut expected = [&old, &gone, &new].map(|doc| (tenant(), doc.id)).to_vec();
    expected.sort();
    assert_eq!(changed, expected);
    let gone = vec![(tenant(), gone.id)];
    let info = rebuild.publish(Fence(1), vec![repriced(&old, 250), new.clone()], gone, data::at(3)).await;
    assert_eq!(info.expect("published").documents, 2);
    let found = find(&*world.reader("reader").await, &everything()).await;
    assert!(found.rows.iter().any(|row| super::catalogue::price_of(row) == 25_000));
}

async fn what_a_lagging_list_left_out_must_be_read_once_more(world: SearchWorld) {
    let docs = some_docs(8, 30);
    world.apply(&docs).await;
    let mut rebuild = world.index("writer").await.rebuild().await.expect("begun");
    rebuild.add(docs[..28].to_vec()).await.expect("added");
    let mut left_out: Vec<_> = docs[28..].iter().map(|doc| (doc.tenant.clone(), doc.id)).collect();
    left_out.sort();
    assert_eq!(rebuild.changed().await.expect("what has changed"), left_out);
}

async fn until_it_is_published_nothing_has_changed(world: SearchWorld) {
    let docs = some_docs(9, 30);
    world.apply(&docs).await;
    let search = world.reader("reader").await;
    let index = world.index("writer").await;
    let mut rebuild = index.rebuild().await.expect("begun");
    rebuild.add(some_docs(10, 20)).await.expect("added");
    rebuild.changed().await.expect("what has changed");
    assert_eq!(walk(&*search, &everything()).await, ids(plainly(&docs, &everything())));
    drop(rebuild);
    let more = some_docs(11, 5);
    world.apply(&more).await;
    assert_eq!(walk(&*search, &everything()).await, ids(plainly(&[docs, more].concat(), &everything())));
}

async fn it_is_not_published_over_what_came_after_it_had_looked(world: SearchWorld) {
    let [one, two] = ["One", "Two"].map(a_doc);
    world.apply(std::slice::from_ref(&one)).await;
    let mut rebuild = world.index("writer").await.rebuild().await.expect("begun");
    rebuild.add(vec![one.clone()]).await.expect("added");
    assert!(rebuild.publish(Fence(1), vec![], vec![], data::at(1)).await.is_err(), "it has not looked at all");
    rebuild.changed().await.expect("nothing yet");
    world.apply(std::slice::from_ref(&two)).await;
    let refused = rebuild.publish(Fence(1), vec![], vec![], data::at(1)).await;
    assert!(matches!(refused, Err(Fault::Busy { .. })), "{refused:?}");
    assert_eq!(rebuild.changed().await.expect("again"), [(tenant(), two.id)]);
    let info = rebuild.publish(Fence(1), vec![two], vec![], data::at(2)).await.expect("published");
    assert_eq!(info.documents, 2);
}

async fn a_lesser_fence_is_refused(world: SearchWorld) {
    let index = world.index("writer").await;
    let published = index.apply(Fence(2), some_docs(12, 5), vec![], data::at(0)).await.expect("applied");
    let mut rebuild = index.rebuild().await.expect("begun");
    rebuild.changed().await.expect("what has changed");
    let refused = rebuild.publish(Fence(1), vec![], vec![], data::at(1)).await;
    assert!(matches!(refused, Err(Fault::Broken { .. })), "{refused:?}");
    let snapshot = world.reader("reader").await.snapshot().await.expect("answers");
    assert_eq!(snapshot, Some(published));
}

async fn of_two_rebuilds_the_later_wins(world: SearchWorld) {
    let docs = some_docs(13, 20);
    world.apply(&docs).await;
    let (first, second) = (world.index("first").await, world.index("second").await);
    let mut earlier = first.rebuild().await.expect("begun");
    let mut later = second.rebuild().await.expect("begun");
    earlier.add(docs[..5].to_vec()).await.expect("added");
    later.add(docs.clone()).await.expect("added");
    let lost = earlier.changed().await;
    assert!(matches!(lost, Err(Fault::Busy { .. })), "{lost:?}");
    assert_eq!(later.changed().await.expect("nothing"), []);
    assert_eq!(later.publish(Fence(1), vec![], vec![], data::at(1)).await.expect("published").documents, 20);
}

async fn a_new_writer_does_not_sweep_away_what_is_being_built(world: SearchWorld) {
    let docs = some_docs(14, 20);
    world.apply(&docs).await;
    let mut rebuild: Box<dyn Rebuild> = world.index("builder").await.rebuild().await.expect("begun");
    rebuild.add(docs.clone()).await.expect("added");
    rebuild.changed().await.expect("uploaded by now");
    let world = Arc::new(world);
    world.apply(&[a_doc("Atta")]).await;
    let changed = rebuild.changed().await.expect("what has changed");
    assert_eq!(changed.len(), 1);
    let gone = changed;
    rebuild.publish(Fence(1), vec![], gone, data::at(1)).await.expect("published");
    assert_eq!(all(&world).await, ids(plainly(&docs, &everything())));
}

async fn it_is_over_when_it_is_published(world: SearchWorld) {
    let index = world.index("writer").await;
    let mut rebuild = index.rebuild().await.expect("begun");
    rebuild.add(some_docs(15, 5)).await.expect("added");
    rebuild.changed().await.expect("nothing");
    assert!(rebuild.add(some_docs(16, 5)).await.is_err(), "what is built is built");
    rebuild.publish(Fence(1), vec![], vec![], data::at(1)).await.expect("published");
    assert!(rebuild.changed().await.is_err());
    assert!(rebuild.publish(Fence(1), vec![], vec![], data::at(1)).await.is_err());
}
