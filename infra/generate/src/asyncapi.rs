//! docs/asyncapi.json: AsyncAPI 3.0 of the shop's events. A channel is a queue, a message a kind, and an operation what a
//! worker receives.

use bharatmart_core::EventKind;
use bharatmart_core::queues::{self, Queue};
use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, Function, Trigger};
use crate::schemas;

pub fn document(catalogue: &Catalogue) -> Value {
    let channels: Map<_, _> = queues::ALL.iter().map(|queue| (queue.name.to_owned(), channel(queue))).collect();
    let workers = catalogue.functions();
    let operations: Map<_, _> = workers.iter().filter_map(operation).collect();
    let messages: Map<_, _> = EventKind::ALL.iter().map(|kind| (kind.name().to_owned(), message(*kind))).collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "BharatMart's events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "CloudEvents 1.0 in JSON. Each is written in the commit of the state it tells of, and then \
                sent to the queues that must hear of it; it may come more than once. Money is a count of paise; times \
                are RFC 3339 in UTC. A kind that no channel has is kept in the store, and nobody is told of it yet.",
            "license": { "name": "MIT" },
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages },
    })
}

fn channel(queue: &Queue) -> Value {
    let suffix = if queue.fifo { ".fifo" } else { "" };
    let heard = EventKind::ALL.iter().filter(|kind| kind.queues().iter().any(|of| of.name == queue.name));
    let messages: Map<_, _> =
        heard.map(|kind| (kind.name().to_owned(), refer(&format!("components/messages/{}", kind.name())))).collect();
    json!({
        "address": format!("{{prefix}}{}{suffix}", queue.name),
        "parameters": { "prefix": { "description": "Of the deployment: `bharatmart-` in AWS." } },
        "messages": messages,
        "bindings": {
            "sqs": {
                "queue": {
                    "name": format!("bharatmart-{}{suffix}", queue.name),
                    "fifoQueue": queue.fifo,
                    "visibilityTimeout": queue.visibility.as_secs(),
                    "redrivePolicy": {
                        "deadLetterQueue": { "name": format!("bharatmart-{}-dead{suffix}", queue.name) },
                        "maxReceiveCount": queue.max_receives,
                    },
                },
            },
        },
    })
}

fn operation(worker: &Function) -> Option<(String, Value)> {
    let Trigger::Queue { queue, .. } = worker.trigger else { return None };
    let operation = json!({
        "action": "receive",
        "summary": worker.summary,
        "channel": refer(&format!("channels/{}", queue.name)),
    });
    Some((worker.name.to_owned(), operation))
}

fn message(kind: EventKind) -> Value {
    json!({
        "name": kind.name(),
        "summary": schemas::description(kind),
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": schemas::schema(kind),
        },
    })
}

fn refer(place: &str) -> Value {
    json!({ "$ref": format!("#/{place}") })
}
