//! A customer's browser before a shop that is hit all the time: it asks again, by the same key, at whichever process
//! answers, until it is given an answer that is one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Who waits longer asks again, and maybe meets the request that is still running.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Clone)]
pub struct Client {
    processes: Arc<Vec<String>>,
    http: HyperClient<HttpConnector, Full<Bytes>>,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    /// How long each took until its answer, all tries together.
    answered: Mutex<Vec<Duration>>,
    no_answer: AtomicU32,
    replayed: AtomicU32,
    told_to_come_again: Mutex<BTreeMap<String, u32>>,
}

#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub token: &'a str,
    pub key: &'a str,
    pub body: &'a Value,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    pub fn new(processes: Vec<String>) -> Self {
        let http = HyperClient::builder(TokioExecutor::new()).build_http();
        Client { processes: Arc::new(processes), http, asked: Arc::default() }
    }

    pub async fn ask(&self, ask: Ask<'_>) -> Answer {
        let begun = Instant::now();
        loop {
            let process = &self.processes[rand::random_range(0..self.processes.len())];
            let tried = tokio::time::timeout(PATIENCE, self.try_once(process, ask)).await;
            match tried {
                Ok(Some(answer)) if answer.is_final() => {
                    self.asked.answered.lock().unwrap().push(begun.elapsed());
                    return answer;
                }
                Ok(Some(answer)) => self.asked.come_again(answer.code()),
                Ok(None) | Err(_) => drop(self.asked.no_answer.fetch_add(1, Ordering::Relaxed)),
            }
            tokio::time::sleep(Duration::from_millis(rand::random_range(100..700))).await;
        }
    }

    async fn try_once(&self, process: &str, ask: Ask<'_>) -> Option<Answer> {
        let method: Method = ask.method.parse().unwrap();
        let mut request = Request::builder().method(method).uri(format!("{process}/api/v1/{}", ask.path));
        request = request.header("content-type", "application/json");
        if !ask.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", ask.token));
        }
        if !ask.key.is_empty() {
            request = request.header("idempotency-key", ask.key);
        }
        let body = if ask.body.is_null() { String::new() } else { ask.body.to_string() };
        let (head, body) = self.http.request(request.body(Full::from(body)).unwrap()).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        if head.headers.contains_key("idempotency-replayed") {
            self.asked.replayed.fetch_add(1, Ordering::Relaxed);
        }
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Some(Answer { status: head.status.as_u16(), body })
    }

    /// How it went.
    pub fn tally(&self) -> String {
        let figure = |of: &AtomicU32| of.load(Ordering::Relaxed);
        let Asked { answered, no_answer, replayed, told_to_come_again } = &*self.asked;
        let mut took = answered.lock().unwrap().clone();
        took.sort_unstable();
        let of_all = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64();
        let mut line = format!("{} requests answered, {} of them by heart, ", took.len(), figure(replayed));
        let (half, most) = (of_all(0.5), of_all(0.95));
        let _ =
            writeln!(line, "half within {half:.2} s, 95 of 100 within {most:.1} s, all within {:.1} s", of_all(1.0));
        let _ = write!(line, "tries: {} not answered", figure(no_answer));
        for (code, times) in &*told_to_come_again.lock().unwrap() {
            let _ = write!(line, ", {times} told {code}");
        }
        line
    }
}

impl Asked {
    fn come_again(&self, code: &str) {
        *self.told_to_come_again.lock().unwrap().entry(code.to_owned()).or_default() += 1;
    }
}

impl Answer {
    fn is_final(&self) -> bool {
        self.status < 500 && self.status != 429 && self.code() != "request_in_progress"
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }
}

/// A text that must be there.
#[track_caller]
pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}"))
}
