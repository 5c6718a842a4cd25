//! The queues, for whoever runs the shop.

use bharatmart_core::queues;
use bharatmart_tests::eventually;
use serde_json::{Value, json};

use crate::world::{Shop, on_every_shop};

on_every_shop!(each_queue_tells_how_much_waits, what_failed_too_often_is_sent_back,);

async fn listed(shop: &Shop) -> Vec<Value> {
    let answer = shop.client.ask("GET", "/api/v1/ops/queues").token(&shop.admin).send().await;
    answer.expect(200).json()["data"].as_array().unwrap().clone()
}

async fn each_queue_tells_how_much_waits(shop: &Shop) {
    let listed = listed(shop).await;
    let names: Vec<_> = listed.iter().map(|queue| queue["name"].as_str().unwrap()).collect();
    assert_eq!(names, queues::ALL.iter().map(|queue| queue.name).collect::<Vec<_>>());
    for figure in ["ready", "in_flight", "delayed", "dead"] {
        assert!(listed.iter().all(|queue| queue[figure].is_u64()), "{listed:?}");
    }
}

async fn what_failed_too_often_is_sent_back(shop: &Shop) {
    let redrive = async |queue: &str| {
        let path = format!("/api/v1/ops/queues/{queue}/redrive");
        shop.client.ask("POST", &path).token(&shop.admin).send().await
    };
    redrive("no-such-queue").await.expect_problem(404, "not_found");
    let redriven = redrive("mock-provider").await.expect(200).json();
    assert!(redriven["redriven"].is_u64(), "{redriven}");
    eventually("it is told of in the audit", || async {
        let path = "/api/v1/admin/audit?subject=mock-provider";
        let audit = shop.client.ask("GET", path).token(&shop.admin).send().await.expect(200).json();
        audit["data"][0]["action"] == json!("queue_redriven")
    })
    .await;
}
