//! What the one writer keeps: versions, fences, and one snapshot after another.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::ports::{Blobs, Etag, Fault, Fence, SearchDoc};
use bharatmart_tests::data;

use super::catalogue::{a_doc, plainly, repriced, some_docs};
use super::hindered::Interruption;
use super::worlds::SearchWorld;
use super::{everything, find, ids, walk};

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    the_same_apply_three_times_leaves_each_product_once,
    an_older_version_does_not_replace_a_newer,
    another_content_of_the_same_version_replaces_it,
    a_lesser_fence_is_refused_and_publishes_nothing,
    of_two_writers_at_once_one_publishes,
    many_writers_at_once_lose_nothing_they_acknowledged,
    old_packs_are_kept_for_a_while_and_then_tidied,
]);

async fn the_same_apply_three_times_leaves_each_product_once(world: SearchWorld) {
    let docs = some_docs(6, 60);
    let first = world.apply(&docs).await;
    assert_eq!(first.documents, 60);
    assert_eq!(world.apply(&docs).await, first, "what changes nothing publishes nothing");
    assert_eq!(world.apply(&docs).await, first);
    let again = world.apply(&[docs.clone(), docs.clone()].concat()).await;
    assert_eq!(again, first);
    assert_eq!(walk(&*world.reader("reader").await, &everything()).await, ids(plainly(&docs, &everything())));
}

async fn an_older_version_does_not_replace_a_newer(world: SearchWorld) {
    let one = a_doc("Atta");
    let two = repriced(&one, 250);
    let three = repriced(&two, 300);
    world.apply(std::slice::from_ref(&two)).await;
    let search = world.reader("reader").await;
    let shown = || async { find(&*search, &everything()).await.rows[0].to_string() };
    world.apply(std::slice::from_ref(&one)).await;
    assert_eq!(shown().await, two.shown);
    world.apply(&[one.clone(), three.clone(), two.clone()]).await;
    assert_eq!(shown().await, three.shown, "the newest of one apply, whatever its order");
    world.apply(&[two, one]).await;
    assert_eq!(shown().await, three.shown);
}

async fn another_content_of_the_same_version_replaces_it(world: SearchWorld) {
    let doc = a_doc("Atta");
    let first = world.apply(std::slice::from_ref(&doc)).await;
    let sold_out = SearchDoc { in_stock: false, ..doc };
    let second = world.apply(&[sold_out]).await;
    assert_ne!(first.name, second.name, "another content has another name");
    let in_stock = bharatmart_core::ports::SearchQuery { in_stock: true, ..everything() };
    assert_eq!(find(&*world.reader("reader").await, &in_stock).await.total, 0);
}

async fn a_lesser_fence_is_refused_and_publishes_nothing(world: SearchWorld) {
    let (new, old) = (world.index("new").await, world.index("old").await);
    old.apply(Fence(1), some_docs(8, 10), vec![], data::at(0)).await.expect("applied");
    let published = new.apply(Fence(2), some_docs(9, 10), vec![], data::at(1)).await.expect("applied");
    let refused = old.apply(Fence(1), some_docs(10, 10), vec![], data::at(2)).await;
    assert!(matches!(refused, Err(Fault::Broken { .. })), "{refused:?}");
    assert_eq!(world.reader("reader").await.snapshot().await.expect("answers"), Some(published));
    old.apply(Fence(2), some_docs(10, 10), vec![], data::at(3)).await.expect("its own fence may go on");
}

async fn of_two_writers_at_once_one_publishes(world: SearchWorld) {
    let (slow, quick) = (world.index("slow").await, world.index("quick").await);
    world.apply(&some_docs(11, 10)).await;
    let docs = some_docs(12, 10);
    let meanwhile = docs.clone();
    // Under a greater fence, after the slow one has seen that nobody had one.
    world.blobs.interrupt(Interruption::Meanwhile(Box::pin(async move {
        quick.apply(Fence(2), meanwhile, vec![], data::at(1)).await.expect("applied");
    })));
    let lost = slow.apply(Fence(1), some_docs(13, 10), vec![], data::at(1)).await;
    assert!(matches!(lost, Err(Fault::Busy { .. })), "{lost:?}");
    let mut both = some_docs(11, 10);
    both.extend(docs);
    assert_eq!(walk(&*world.reader("reader").await, &everything()).await, ids(plainly(&both, &everything())));
    assert!(slow.apply(Fence(1), vec![a_doc("Late")], vec![], data::at(2)).await.is_err(), "its fence is over now");
}

async fn many_writers_at_once_lose_nothing_they_acknowledged(world: SearchWorld) {
    let world = Arc::new(world);
    let writers = (0..4_u64).map(|writer| {
        let world = world.clone();
        tokio::spawn(async move {
            let index = world.index(&format!("writer {writer}")).await;
            let mut published = Vec::new();
            for round in 0..6 {
                let docs = some_docs(100 + writer * 10 + round, 3);
                match index.apply(Fence(1), docs.clone(), vec![], data::at(0)).await {
                    Ok(_) => published.extend(docs),
                    Err(fault) => assert!(matches!(fault, Fault::Busy { .. }), "{fault}"),
                }
            }
            published
        })
    });
    let mut published = Vec::new();
    for writer in futures_util::future::join_all(writers).await {
        published.extend(writer.expect("no writer panics"));
    }
    assert!(published.len() >= 18, "somebody always gets through: {}", published.len());
    assert_eq!(walk(&*world.reader("reader").await, &everything()).await, ids(plainly(&published, &everything())));
}

async fn old_packs_are_kept_for_a_while_and_then_tidied(world: SearchWorld) {
    let index = world.index("writer").await;
    let mut doc = a_doc("Atta");
    for second in 0..20 {
        doc = repriced(&doc, 100 + second);
        index.apply(Fence(1), vec![doc.clone()], vec![], data::at(i64::from(second))).await.expect("applied");
    }
    assert_eq!(world.packs().await, 20, "a reader may just be fetching any of them");
    let later = data::at(20).after(Duration::from_secs(60));
    index.apply(Fence(1), vec![repriced(&doc, 500)], vec![], later).await.expect("applied");
    assert_eq!(world.packs().await, 2, "the new one, and the one before it");
    assert!(
        world.blobs.get_newer("search/current.json", &Etag("another".to_owned())).await.expect("answers").is_some()
    );
}
