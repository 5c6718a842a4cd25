//! Messages: handed on as they were written when the answer is good, whoever carries them; a repetition is the same.

mod by_ses;

use bharatmart_core::ports::{Channel, Letter};
use bharatmart_tests::on_every;
use futures_util::future::join_all;

use worlds::MessagesWorld;

on_every!(crate::messages::worlds: files, bucket, ses => [
    a_message_arrives_as_it_was_written,
    a_page_arrives_beside_its_text,
    a_repetition_is_the_same_message,
    of_twenty_at_once_each_arrives,
]);

fn letter(to: &str) -> Letter {
    Letter {
        id: "evt_0199aabbccddeeff".to_owned(),
        channel: Channel::Email,
        to: to.to_owned(),
        subject: "आपका ऑर्डर BM-1001: ₹1,23,456.50".to_owned(),
        text: "Hello,\n\nwe have your order.\n\n.\nhttps://shop.example/orders/ord_1?a=b&c=d".to_owned(),
        html: None,
    }
}

async fn a_message_arrives_as_it_was_written(world: MessagesWorld) {
    assert!(world.messages.sends(Channel::Email));
    let sent = letter(&world.address("asha"));
    world.messages.send(&sent).await.expect("it is sent");
    assert_eq!(world.arrived(&sent.to).await, [(sent.subject, sent.text, None)]);
    assert_eq!(world.arrived(&world.address("ravi")).await, []);
}

async fn a_page_arrives_beside_its_text(world: MessagesWorld) {
    let page = format!("<!doctype html>\n<p>नमस्ते &amp; {}</p>", "a long line ".repeat(100));
    let sent = Letter { html: Some(page), ..letter(&world.address("asha")) };
    world.messages.send(&sent).await.expect("it is sent");
    assert_eq!(world.arrived(&sent.to).await, [(sent.subject, sent.text, sent.html)]);
}

async fn a_repetition_is_the_same_message(world: MessagesWorld) {
    let sent = letter(&world.address("asha"));
    for _ in 0..2 {
        world.messages.send(&sent).await.expect("it is sent");
    }
    let arrived = world.arrived(&sent.to).await;
    assert!((1..=2).contains(&arrived.len()));
    assert!(arrived.iter().all(|(subject, text, _)| (subject, text) == (&sent.subject, &sent.text)));
}

async fn of_twenty_at_once_each_arrives(world: MessagesWorld) {
    let letters: Vec<_> = (0..20)
        .map(|nth| Letter { id: format!("evt_{nth:04}"), ..letter(&world.address(&format!("customer{nth}"))) })
        .collect();
    let sent = join_all(letters.iter().map(|letter| world.messages.send(letter))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    for letter in letters {
        assert_eq!(world.arrived(&letter.to).await, [(letter.subject, letter.text, None)]);
    }
}

pub(crate) mod worlds {
    use std::sync::Arc;

    use aws_config::SdkConfig;
    use bharatmart_adapters::messages::{BlobMessages, Looked, SesMessages, kept};
    use bharatmart_adapters::system::System;
    use bharatmart_core::ports::{Blobs, Messages};
    use bharatmart_tests::servers::{aws, aws_endpoint, unique_name};
    use bytes::Bytes;
    use http_body_util::{BodyExt, Empty};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    use serde_json::Value;

    use crate::blobs::worlds::{BlobsWorld, files as folder, s3};

    /// Subject, text and page.
    pub(super) type Arrived = (String, String, Option<String>);

    pub(crate) struct MessagesWorld {
        pub(super) messages: Arc<dyn Messages>,
        place: Place,
        /// No other test's mail goes there.
        domain: String,
    }

    enum Place {
        Blobs(Box<BlobsWorld>),
        Ses,
    }

    impl MessagesWorld {
        pub(super) fn address(&self, name: &str) -> String {
            format!("{name}@{}", self.domain)
        }

        /// What was sent there.
        pub(super) async fn arrived(&self, to: &str) -> Vec<Arrived> {
            match &self.place {
                Place::Blobs(world) => {
                    let kept = kept(world.blobs.as_ref(), Looked::To(to), 100).await.expect("the blobs are there");
                    kept.into_iter().map(|kept| (kept.subject, kept.text, kept.html)).collect()
                }
                Place::Ses => taken(to).await,
            }
        }
    }

    fn kept_in(world: BlobsWorld) -> MessagesWorld {
        let blobs: Arc<dyn Blobs> = world.blobs.clone();
        let messages = Arc::new(BlobMessages::new(blobs, Arc::new(System)));
        MessagesWorld { messages, place: Place::Blobs(Box::new(world)), domain: domain() }
    }

    pub(crate) async fn files() -> MessagesWorld {
        kept_in(folder().await)
    }

    pub(crate) async fn bucket() -> MessagesWorld {
        kept_in(s3().await)
    }

    pub(crate) async fn ses() -> MessagesWorld {
        let (config, domain) = (aws().await, domain());
        let from = known(&config, &domain).await;
        let messages = SesMessages::new(&config, &from, Arc::new(System)).expect("an address");
        MessagesWorld { messages: Arc::new(messages), place: Place::Ses, domain }
    }

    fn domain() -> String {
        format!("{}.example", unique_name().replace('_', "-"))
    }

    /// Whom mail may be from, once SES has been shown that the domain is ours.
    async fn known(config: &SdkConfig, domain: &str) -> String {
        let client = aws_sdk_sesv2::Client::new(config);
        client.create_email_identity().email_identity(domain).send().await.expect("the emulator knows the domain");
        format!("BharatMart <shop@{domain}>")
    }

    /// What the emulator took, as it read the mail's parts.
    async fn taken(to: &str) -> Vec<Arrived> {
        let url = format!("{}/_ministack/ses/messages", aws_endpoint().await);
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let answer = client.get(url.parse().expect("a URL")).await.expect("the emulator answers");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let told: Value = serde_json::from_slice(&body).expect("JSON");
        let accounts = told["messages"].as_object().expect("messages by account").values();
        let messages = accounts.flat_map(|messages| messages.as_array().expect("a list"));
        // Mail has line ends of its own, and may have one after its last line.
        let text = |part: &Value| Some(part.as_str()?.replace("\r\n", "\n").trim_end_matches('\n').to_owned());
        messages
            .filter(|message| message["To"] == serde_json::json!([to]))
            .map(|message| {
                let part = |name: &str| text(&message[name]).unwrap_or_default();
                (part("Subject"), part("BodyText"), text(&message["BodyHtml"]))
            })
            .collect()
    }
}
