//! What the emulator never does and DynamoDB does: conflicts, throttling, lost answers, silence. A stub on loopback says
//! what DynamoDB would say, and the store takes it as the port promises.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bharatmart_adapters::aws::{AwsKeys, AwsSettings, aws_config};
use bharatmart_adapters::budget;
use bharatmart_adapters::dynamodb::DynamoStore;
use bharatmart_core::ports::{CommitError, Commits, Fault, IdempotencyKey, IdempotencyKeys, KeyClaim, Probe, Secret};
use bharatmart_core::{Changes, Refusal, Tenant, Timestamp, Write};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const SHORT: Duration = Duration::from_millis(400);

fn two_counters() -> Changes {
    let count = |counter: &str| Write::Count { counter: counter.to_owned(), by: 1, at_most: 9 };
    Changes::new(&Tenant::main()).write(count("first")).write(count("second"))
}

fn refused(result: &Result<(), CommitError>) -> Option<&Refusal> {
    match result {
        Err(CommitError::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

#[tokio::test]
async fn a_conflict_that_passes_is_not_seen_by_the_caller() {
    let dynamo = Dynamo::that_says([
        cancelled(["TransactionConflict", "None"]),
        error("TransactionInProgressException"),
        error("ThrottlingException"),
        Say::Ok(json!({})),
    ])
    .await;
    dynamo.store().commit(two_counters()).await.expect("the conflict passed");
    let tokens: Vec<_> = dynamo.heard().into_iter().map(|asked| asked["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens.len(), 4);
    assert!(tokens.iter().all(|token| token.is_string() && *token == tokens[0]), "{tokens:?}");
}

#[tokio::test]
async fn a_conflict_that_lasts_is_told_as_busy_within_the_budget() {
    let dynamo = Dynamo::that_says([]).await.otherwise(cancelled(["TransactionConflict", "None"]));
    let (store, patience) = (dynamo.store(), SHORT * 4);
    let began = Instant::now();
    let result = budget::within(patience, store.commit(two_counters())).await;
    assert!(matches!(result, Err(CommitError::Fault(Fault::Busy { .. }))), "{result:?}");
    assert!(began.elapsed() < patience, "{:?}", began.elapsed());
    assert!(dynamo.heard().len() > 2);
}

#[tokio::test]
async fn a_refusal_is_told_only_when_nothing_before_it_is_in_doubt() {
    let both = cancelled(["ConditionalCheckFailed", "TransactionConflict"]);
    let result = Dynamo::that_says([both]).await.store().commit(two_counters()).await;
    assert_eq!(refused(&result), Some(&Refusal::LimitReached("first".to_owned())));

    let hidden = cancelled(["TransactionConflict", "ConditionalCheckFailed"]);
    let dynamo = Dynamo::that_says([hidden, cancelled(["None", "ConditionalCheckFailed"])]).await;
    let result = dynamo.store().commit(two_counters()).await;
    assert_eq!(refused(&result), Some(&Refusal::LimitReached("second".to_owned())));
    assert_eq!(dynamo.heard().len(), 2);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_sent_again_as_the_same_one() {
    let dynamo = Dynamo::that_says([Say::Nothing, error("InternalServerError"), Say::Ok(json!({}))]).await;
    dynamo.store().commit(two_counters()).await.expect("the third answer came");
    let heard = dynamo.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|asked| *asked == heard[0]));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_away_within_the_budget() {
    let dynamo = Dynamo::that_says([]).await.otherwise(Say::Silence);
    let began = Instant::now();
    let result = budget::within(SHORT, dynamo.store().commit(two_counters())).await;
    assert!(matches!(result, Err(CommitError::Fault(Fault::Away { .. }))), "{result:?}");
    assert!(began.elapsed() < SHORT + SHORT, "{:?}", began.elapsed());

    let gone = dynamo.gone().await;
    assert!(matches!(gone.probe().await, Err(Fault::Away { .. })));
}

#[tokio::test]
async fn a_throttled_read_is_tried_again() {
    let dynamo = Dynamo::that_says([error("ProvisionedThroughputExceededException"), Say::Ok(json!({}))]).await;
    dynamo.store().probe().await.expect("the second time");
    assert_eq!(dynamo.heard().len(), 2);
}

#[tokio::test]
async fn a_mistake_is_not_tried_again() {
    let dynamo = Dynamo::that_says([error("ValidationException")]).await;
    let result = dynamo.store().commit(two_counters()).await;
    assert!(matches!(&result, Err(CommitError::Fault(Fault::Broken { .. }))), "{result:?}");
    assert_eq!(dynamo.heard().len(), 1);
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_known_as_ours_the_second_time() {
    let dynamo = Dynamo::that_says([Say::Nothing, Say::StoodInTheWay]).await;
    let (tenant, key) = (Tenant::main(), IdempotencyKey("a/b/c".to_owned()));
    let now = Timestamp::from_millis(1_790_000_000_000);
    let claim = dynamo.store().claim_key(&tenant, &key, "hash", Duration::from_secs(30), now).await;
    assert!(matches!(claim, Ok(KeyClaim::Mine(_))), "{claim:?}");
}

fn error(kind: &'static str) -> Say {
    let status = if kind == "InternalServerError" { 500 } else { 400 };
    Say::Error(status, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "told" }))
}

fn cancelled<const N: usize>(codes: [&str; N]) -> Say {
    let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Say::Error(400, json!({ "__type": kind, "Message": "cancelled", "CancellationReasons": reasons }))
}

#[derive(Clone)]
enum Say {
    Ok(Value),
    Error(u16, Value),
    /// Hangs up.
    Nothing,
    /// Never answers.
    Silence,
    /// Refuses an update because of the row that the same update, sent before, has written.
    StoodInTheWay,
}

/// Says what it is told to, and remembers what it was asked.
struct Dynamo {
    port: u16,
    script: Arc<Mutex<Script>>,
    open: JoinSet<()>,
}

struct Script {
    says: VecDeque<Say>,
    then: Say,
    heard: Vec<Value>,
}

impl Dynamo {
    async fn that_says<const N: usize>(says: [Say; N]) -> Dynamo {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let script = Script { says: VecDeque::from(says), then: Say::Nothing, heard: Vec::new() };
        let script = Arc::new(Mutex::new(script));
        let mut open = JoinSet::new();
        open.spawn({
            let script = script.clone();
            async move {
                let mut talks = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    talks.spawn(talk(stream, script.clone()));
                }
            }
        });
        Dynamo { port, script, open }
    }

    /// What it says when it has said all.
    fn otherwise(self, then: Say) -> Dynamo {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).then = then;
        self
    }

    fn heard(&self) -> Vec<Value> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).heard.clone()
    }

    fn store(&self) -> DynamoStore {
        let keys = AwsKeys { id: "test".to_owned(), secret: Secret::new("test"), session_token: None };
        let endpoint = Some(format!("http://127.0.0.1:{}", self.port));
        let config = aws_config(AwsSettings { region: "ap-south-1".to_owned(), endpoint, keys: Some(keys) });
        DynamoStore::new(&config, "shop")
    }

    /// A store at an address where nobody is.
    async fn gone(mut self) -> DynamoStore {
        self.open.shutdown().await;
        self.store()
    }
}

async fn talk(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut waiting = Vec::new();
    while let Some(asked) = request(&mut stream, &mut waiting).await {
        let say = {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            script.heard.push(asked.clone());
            script.says.pop_front().unwrap_or_else(|| script.then.clone())
        };
        let (status, body) = match say {
            Say::Ok(body) => (200, body),
            Say::Error(status, body) => (status, body),
            Say::Nothing => return,
            Say::Silence => std::future::pending().await,
            Say::StoodInTheWay => (400, refusing_with_its_own(&asked)),
        };
        let body = body.to_string();
        let head = format!("HTTP/1.1 {status} told\r\ncontent-type: application/x-amz-json-1.0\r\n");
        let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn refusing_with_its_own(update: &Value) -> Value {
    let values = &update["ExpressionAttributeValues"];
    let item = json!({
        "fence": { "N": "1790000000001" }, "phase": { "S": "running" }, "asked": values[":asked"],
        "ends": values[":ends"], "held_by": values[":claimant"],
    });
    json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": item })
}

/// The body of the next request; `None` when the other side has hung up.
async fn request(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<Value> {
    let whole = loop {
        if let Some(end) = waiting.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&waiting[..end]).to_ascii_lowercase();
            let length: usize =
                head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
            if waiting.len() >= end + 4 + length {
                break (end + 4, length);
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(length) if length > 0 => waiting.extend(&more[..length]),
            _ => return None,
        }
    };
    let request: Vec<u8> = waiting.drain(..whole.0 + whole.1).collect();
    serde_json::from_slice(&request[whole.0..]).ok()
}
