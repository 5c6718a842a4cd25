//! From queue to worker, and where what cannot be worked off ends; and a second deploy over the first.

use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{NewProduct, ProductInput, create};
use bharatmart_core::ports::Message;
use bharatmart_core::{Tenant, queues};
use bharatmart_tests::eventually;
use serde_json::{Value, json};

use crate::stack::{Stack, a_new_word, alone_on_the_stack, on_the_stack};

/// A product in the store, and the message that tells of it; only the sweeper would send it. `word` names it alone.
async fn a_product_nobody_was_told_of(stack: &Stack, word: &str) -> (String, Message) {
    let mut body: Value =
        serde_json::from_str(include_str!("../../infra/generate/bodies/products-create.json")).unwrap();
    body["name"] = json!(format!("Navara Rice of {word}"));
    body["variants"] = json!([{ "sku": word, "price": { "amount": 9900, "currency": "INR" }, "stock": 5 }]);
    let input = NewProduct::parse(serde_json::from_value::<ProductInput>(body).unwrap()).unwrap();
    let store = stack.app.ports().store.unwrap();
    let categories = store.categories(&Tenant::main()).await.unwrap();
    let category = categories.iter().find(|category| category.slug == input.category).unwrap();
    let created = create(&Tenant::main(), &input, category, Vec::new(), 1, &System, &System);
    let event = created.changes.events[0].clone();
    store.commit(created.changes).await.unwrap();
    let body = serde_json::to_string(&event).unwrap();
    let message = Message { id: event.id.to_string(), body, traceparent: None, delay: Duration::ZERO };
    (created.product.id.to_string(), message)
}

#[test]
fn a_poison_message_ends_among_the_dead_letters_and_the_rest_of_its_batch_is_applied() {
    on_the_stack(|stack| async {
        let words = [a_new_word(), a_new_word()];
        let (first, before) = a_product_nobody_was_told_of(stack, &words[0]).await;
        let (second, after) = a_product_nobody_was_told_of(stack, &words[1]).await;
        let id = a_new_word();
        let poison = Message { body: format!("{{\"specversion\":\"1.0\",\"id\":\"{id}"), id, ..before.clone() };
        let body = poison.body.clone();
        let queue = stack.app.ports().queue.unwrap();
        queue.send(&queues::SEARCH, &[before, poison, after]).await.unwrap();

        for (word, id) in words.iter().zip([first, second]) {
            eventually("a neighbour of the poison is found", || async {
                let found = stack.client.get(&format!("/api/v1/search?q={word}")).await.expect(200).json();
                found["data"].as_array().unwrap().iter().any(|row| row["id"] == id.as_str())
            })
            .await;
        }
        eventually("the poison is a dead letter", || async {
            let letters = queue.dead_letters(&queues::SEARCH, 10).await.unwrap();
            letters.iter().any(|letter| letter.message.body == body)
        })
        .await;
        eventually("the queue is empty", || async {
            let waiting = queue.waiting(&queues::SEARCH).await.unwrap();
            waiting.ready + waiting.in_flight == 0
        })
        .await;
    });
}

#[test]
fn a_second_deploy_changes_every_stack_and_keeps_what_is_stored() {
    alone_on_the_stack(|stack| async {
        let before = stack.client.get("/api/v1/categories").await.expect(200).json();
        stack.deploy_again();
        assert_eq!(stack.client.get("/api/v1/categories").await.expect(200).json(), before);
        stack.client.get("/health/ready").await.expect(200);
    });
}
