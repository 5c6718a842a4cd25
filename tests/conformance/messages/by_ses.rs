//! What the emulator does not tell of SES: the mail to the last byte, and the answers of an account in trouble. A server
//! on loopback takes the requests and says what SES would.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use bharatmart_adapters::budget;
use bharatmart_adapters::messages::SesMessages;
use bharatmart_adapters::system::System;
use bharatmart_core::ports::{Channel, Fault, Letter, Messages};
use bharatmart_tests::servers::{aws, aws_at, unique_name};
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::letter;

const FROM: &str = "BharatMart <shop@bharatmart.example>";

fn messages(config: &SdkConfig) -> SesMessages {
    SesMessages::new(config, FROM, Arc::new(System)).expect("an address")
}

#[tokio::test]
async fn ses_is_asked_once_by_whoever_has_the_keys_and_given_the_mail_as_smtp_would_carry_it() {
    let ses = Ses::that_says([]).await;
    let sent = Letter { html: Some("<p>Hello</p>".to_owned()), ..letter("asha@example.in") };
    messages(&ses.config).send(&sent).await.unwrap();
    let asked = ses.asked();
    let [(head, body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/v2/email/outbound-emails"));
    let signed = head.headers["authorization"].to_str().unwrap();
    assert!(signed.starts_with("AWS4-HMAC-SHA256 ") && signed.contains("/ap-south-1/ses/aws4_request"), "{signed}");
    assert_eq!(body["Destination"], json!({ "ToAddresses": ["asha@example.in"] }));

    let raw = BASE64.decode(body["Content"]["Raw"]["Data"].as_str().unwrap().as_bytes()).unwrap();
    let mail = String::from_utf8(raw).expect("ASCII alone travels everywhere");
    assert!(mail.is_ascii() && mail.lines().all(|line| line.len() < 998));
    for line in [
        "From: BharatMart <shop@bharatmart.example>",
        "To: asha@example.in",
        "Message-ID: <evt_0199aabbccddeeff@bharatmart.example>",
        "X-Event-Id: evt_0199aabbccddeeff",
        "Auto-Submitted: auto-generated",
        "<p>Hello</p>",
    ] {
        assert!(mail.lines().any(|found| found == line), "{line} is not in:\n{mail}");
    }
}

#[tokio::test]
async fn what_passes_by_itself_is_waited_for() {
    let throttled = (429, "TooManyRequestsException");
    let ses = Ses::that_says([throttled, (500, "InternalFailure"), throttled]).await;
    messages(&ses.config).send(&letter("asha@example.in")).await.unwrap();
    assert_eq!(ses.asked().len(), 4);
}

#[tokio::test]
async fn an_account_in_trouble_is_away_and_a_message_that_is_refused_is_broken() {
    for code in ["SendingPausedException", "AccountSuspendedException", "LimitExceededException"] {
        let ses = Ses::that_says([(400, code)]).await;
        let told = messages(&ses.config).send(&letter("asha@example.in")).await;
        assert!(matches!(&told, Err(Fault::Away { cause, .. }) if cause.contains(code)), "{told:?}");
    }
    for code in ["MessageRejected", "BadRequestException"] {
        let told = messages(&Ses::that_says([(400, code)]).await.config).send(&letter("asha@example.in")).await;
        assert!(matches!(told, Err(Fault::Broken { .. })), "{told:?}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = aws_at(url);
    let told =
        budget::within(Duration::from_millis(500), async { messages(&config).send(&letter("asha@example.in")).await });
    assert!(matches!(told.await, Err(Fault::Away { .. })));
}

#[tokio::test]
async fn an_address_that_ses_does_not_know_as_ours_sends_nothing() {
    let from = format!("shop@{}.example", unique_name().replace('_', "-"));
    let messages = SesMessages::new(&aws().await, &from, Arc::new(System)).unwrap();
    let told = messages.send(&letter("asha@example.in")).await;
    assert!(matches!(&told, Err(Fault::Broken { cause, .. }) if cause.contains("not verified")), "{told:?}");
    assert!(SesMessages::new(&aws().await, "nobody", Arc::new(System)).is_err());
}

#[tokio::test]
async fn it_sends_no_sms() {
    let ses = Ses::that_says([]).await;
    let sms = Letter { channel: Channel::Sms, ..letter("+919876543210") };
    let messages = messages(&ses.config);
    assert!(!messages.sends(Channel::Sms) && messages.send(&sms).await.is_err());
    assert!(ses.asked().is_empty());
}

type Asked = (http::request::Parts, Value);

struct Ses {
    config: SdkConfig,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

impl Ses {
    /// These errors first, and then that all is well.
    async fn that_says<const N: usize>(says: [(u16, &'static str); N]) -> Ses {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = aws_at(format!("http://{}", listener.local_addr().unwrap()));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let says = Arc::new(Mutex::new(VecDeque::from(says)));
        let mut serving = JoinSet::new();
        let heard = asked.clone();
        serving.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (heard, says) = (heard.clone(), says.clone());
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let (heard, says) = (heard.clone(), says.clone());
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.expect("a body").to_bytes();
                        heard.lock().unwrap().push((head, serde_json::from_slice(&body).expect("JSON")));
                        let said = says.lock().unwrap().pop_front();
                        Ok::<_, Infallible>(answer(said))
                    }
                });
                talks.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ses { config, asked, _serving: serving }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(said: Option<(u16, &str)>) -> http::Response<Full<Bytes>> {
    let answer = http::Response::builder();
    let (answer, body) = match said {
        None => (answer, json!({ "MessageId": "0100" })),
        Some((status, code)) => {
            (answer.status(status).header("x-amzn-errortype", code), json!({ "message": "for the test" }))
        }
    };
    answer.body(Full::new(Bytes::from(body.to_string()))).expect("an answer")
}
