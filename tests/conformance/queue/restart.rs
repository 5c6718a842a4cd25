//! What an engine keeps when it, or the shop, ends and starts again.

use bharatmart_adapters::redis::RedisQueueing;
use bharatmart_core::ports::{Fault, Queueing, Waiting};
use bharatmart_tests::eventually;

use super::worlds::{BRIEF, NO_WAIT, ORDERED, PLAIN, QueueWorld, ids, message, messages};
use crate::redis_server::RedisServer;

bharatmart_tests::on_every!(crate::queue::worlds: sqlite, redis => [what_was_sent_outlives_the_sender]);

async fn what_was_sent_outlives_the_sender(world: QueueWorld) {
    let sender = world.another().await;
    sender.send(&ORDERED, &messages(0..3)).await.unwrap();
    drop(sender);
    assert_eq!(ids(&world.next(&ORDERED, 10).await), ["m0", "m1", "m2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_outlive_a_redis_server_that_is_killed_and_the_shop_finds_it_again_by_itself() {
    let mut server = RedisServer::start().await;
    let queueing = RedisQueueing::connect(&server.url(), "shop").await.unwrap();
    queueing.send(&PLAIN, &messages(0..3)).await.unwrap();
    queueing.send(&BRIEF, &[message("in flight")]).await.unwrap();
    assert_eq!(queueing.receive(&BRIEF, 1, NO_WAIT).await.unwrap().len(), 1);

    server.kill().await;
    assert!(matches!(queueing.send(&PLAIN, &messages(3..4)).await, Err(Fault::Away { .. })));
    assert!(matches!(queueing.receive(&PLAIN, 10, PLAIN.visibility).await, Err(Fault::Away { .. })));
    assert!(matches!(queueing.probe().await, Err(Fault::Away { .. })));

    server.start_again().await;
    eventually("the shop reaches the server again", || async { queueing.probe().await.is_ok() }).await;
    assert_eq!(queueing.waiting(&PLAIN).await.unwrap(), Waiting { ready: 3, ..Waiting::default() });
    let back = queueing.receive(&BRIEF, 1, BRIEF.visibility * 5).await.unwrap();
    assert_eq!((ids(&back), back[0].receives), (vec!["in flight".to_owned()], 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_starts_before_its_redis_server_finds_it_later() {
    let mut server = RedisServer::start().await;
    server.kill().await;
    let queueing = RedisQueueing::connect(&server.url(), "shop").await.unwrap();
    assert!(matches!(queueing.receive(&PLAIN, 1, PLAIN.visibility).await, Err(Fault::Away { .. })));
    server.start_again().await;
    eventually("the message is taken", || async { queueing.send(&PLAIN, &messages(0..1)).await.is_ok() }).await;
    assert_eq!(ids(&queueing.receive(&PLAIN, 1, PLAIN.visibility).await.unwrap()), ["m0"]);
}

/// The ear for what others send is lost with the connection, and must be there again on the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_hears_others_again_after_the_server_was_away() {
    let mut server = RedisServer::start().await;
    let queueing = RedisQueueing::connect(&server.url(), "shop").await.unwrap();
    let another = RedisQueueing::connect(&server.url(), "shop").await.unwrap();
    queueing.send(&PLAIN, &messages(0..1)).await.unwrap();
    assert_eq!(queueing.receive(&PLAIN, 1, PLAIN.visibility).await.unwrap().len(), 1);
    server.kill().await;
    server.start_again().await;
    let subscribed = || async { server.ask("PUBLISH shop:bell plain").await.contains(":1") };
    eventually("the receiver listens again", subscribed).await;
    eventually("the other sends", || async { another.send(&PLAIN, &[message("late")]).await.is_ok() }).await;
    assert_eq!(ids(&queueing.receive(&PLAIN, 1, PLAIN.visibility).await.unwrap()), ["late"]);
}

#[tokio::test]
async fn an_address_that_is_none_is_told_at_the_start() {
    let connected = RedisQueueing::connect("not an address", "shop").await;
    assert!(matches!(connected.err(), Some(Fault::Broken { .. })));
}
