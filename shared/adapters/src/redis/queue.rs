//! The queue on Redis Streams: a consumer group's pending entries are what is in flight, a sorted set keeps what is not
//! due yet, dead letters have a stream of their own. Each step is one script, so it happens whole or not at all.
//! How safe a message is the server's settings say: an append-only file, and no eviction.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::Queue;
use redis::{AsyncCommands, FromRedisValue, PushInfo, PushKind, Script, ScriptInvocation};
use tokio::sync::OnceCell;

use super::server::Server;
use crate::bells::{Bells, Look};
use crate::dependency::{Dependency, Depends};

/// Longer than any caller's budget; that one decides.
const PATIENCE: Duration = Duration::from_secs(60);
const GROUP: &str = "workers";
/// Moved in one script, during which the server serves nobody else.
const REDRIVEN_AT_ONCE: u64 = 500;

pub struct RedisQueueing {
    server: Server,
    prefix: String,
    bells: Arc<Bells>,
    listening: OnceCell<()>,
    scripts: Scripts,
}

struct Scripts {
    send: Script,
    receive: Script,
    done: Script,
    retry: Script,
    waiting: Script,
    redrive: Script,
}

/// The keys of one queue; the braces keep them together in a cluster.
struct Keys {
    stream: String,
    later: String,
    dead: String,
    paused: String,
    taken: String,
}

impl RedisQueueing {
    /// Fails when `url` is none; a server that is away is met at the first call.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, Fault> {
        let bells = Arc::new(Bells::default());
        let ringing = Arc::clone(&bells);
        let server = Server::new("redis-queue", "queue", url, PATIENCE, move |info| ring(&ringing, &info))?;
        warn_if_forgetful(&server).await;
        let scripts = Scripts {
            send: Script::new(include_str!("lua/send.lua")),
            receive: Script::new(include_str!("lua/receive.lua")),
            done: Script::new(include_str!("lua/done.lua")),
            retry: Script::new(include_str!("lua/retry.lua")),
            waiting: Script::new(include_str!("lua/waiting.lua")),
            redrive: Script::new(include_str!("lua/redrive.lua")),
        };
        Ok(RedisQueueing { server, prefix: prefix.to_owned(), bells, listening: OnceCell::new(), scripts })
    }

    fn keys(&self, queue: &Queue) -> Keys {
        let key = |part| format!("{{{}:queue:{}}}:{part}", self.prefix, queue.name);
        Keys {
            stream: key("stream"),
            later: key("later"),
            dead: key("dead"),
            paused: key("paused"),
            taken: key("taken"),
        }
    }

    fn bell(&self) -> String {
        format!("{}:bell", self.prefix)
    }

    /// Runs a script; when the queue is new, or the server has lost it, makes its group and runs it again.
    async fn run<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>, stream: &str) -> Result<T, Fault> {
        let mut connection = self.server.connection();
        match self.server.answer_or_error(call.invoke_async(&mut connection)).await? {
            Err(error) if error.code() == Some("NOGROUP") => {}
            answer => return answer.map_err(|error| self.server.fault(&error)),
        }
        let made = self.server.answer_or_error(connection.xgroup_create_mkstream(stream, GROUP, "0")).await?;
        match made {
            Err(error) if error.code() != Some("BUSYGROUP") => return Err(self.server.fault(&error)),
            Ok(()) | Err(_) => {}
        }
        self.server.answer(call.invoke_async(&mut connection)).await
    }

    async fn look(&self, queue: &Queue, most: usize) -> Result<Look, Fault> {
        let keys = self.keys(queue);
        let mut call = self.scripts.receive.prepare_invoke();
        call.key(&keys.stream).key(&keys.later).key(&keys.dead).key(&keys.paused);
        call.arg(u8::from(queue.fifo)).arg(millis(queue.visibility)).arg(queue.max_receives).arg(most);
        let (next_in, given): (i64, Vec<(String, u32, Vec<String>)>) = self.run(&call, &keys.stream).await?;
        let received = given.into_iter().map(|(receipt, receives, fields)| received(receipt, receives, &fields));
        Ok(Look { received: received.collect(), next_in: u64::try_from(next_in).ok().map(Duration::from_millis) })
    }

    async fn listen(&self) -> Result<(), Fault> {
        let subscribe = || async { self.server.answer(self.server.connection().subscribe(self.bell())).await };
        self.listening.get_or_try_init(subscribe).await.copied()
    }
}

impl Depends for RedisQueueing {
    fn dependency(&self) -> &Arc<Dependency> {
        self.server.dependency()
    }
}

#[async_trait]
impl Queueing for RedisQueueing {
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        let keys = self.keys(queue);
        let mut call = self.scripts.send.prepare_invoke();
        call.key(&keys.stream).key(&keys.later).key(&keys.taken);
        call.arg(u8::from(queue.fifo)).arg(self.bell()).arg(queue.name).arg(format!("{:x}-", rand::random::<u64>()));
        for message in messages {
            let trace = message.traceparent.as_deref().unwrap_or_default();
            call.arg(&message.id).arg(&message.body).arg(trace).arg(millis(message.delay));
        }
        self.run(&call, &keys.stream).await
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        if !wait.is_zero() {
            self.listen().await?;
        }
        self.bells.receive(queue.name, wait, || self.look(queue, most)).await
    }

    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
        let Some((number, deliveries)) = delivery(receipt) else { return Ok(()) };
        let keys = self.keys(queue);
        let mut call = self.scripts.done.key(&keys.stream);
        call.arg(number).arg(deliveries).arg(self.bell()).arg(queue.name);
        self.run(&call, &keys.stream).await
    }

    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
        let Some((number, deliveries)) = delivery(receipt) else { return Ok(()) };
        let keys = self.keys(queue);
        let mut call = self.scripts.retry.key(&keys.stream);
        call.key(&keys.later).key(&keys.paused);
        call.arg(number).arg(deliveries).arg(self.bell()).arg(queue.name);
        call.arg(u8::from(queue.fifo)).arg(millis(queue.visibility)).arg(millis(wait));
        self.run(&call, &keys.stream).await
    }

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
        let keys = self.keys(queue);
        let mut call = self.scripts.waiting.key(&keys.stream);
        call.key(&keys.later).key(&keys.dead).key(&keys.paused).arg(millis(queue.visibility));
        let (ready, in_flight, delayed, dead) = self.run(&call, &keys.stream).await?;
        Ok(Waiting { ready, in_flight, delayed, dead })
    }

    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
        let mut connection = self.server.connection();
        let letters = connection.xrange_count(self.keys(queue).dead, "-", "+", most);
        let letters: Vec<(String, Vec<String>)> = self.server.answer(letters).await?;
        let letter = |(number, fields): (String, Vec<String>)| {
            let receives = fields.last().and_then(|receives| receives.parse().ok()).unwrap_or(0);
            received(number, receives, &fields)
        };
        Ok(letters.into_iter().map(letter).collect())
    }

    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
        let keys = self.keys(queue);
        let mut call = self.scripts.redrive.key(&keys.dead);
        call.key(&keys.stream).arg(self.bell()).arg(queue.name).arg(REDRIVEN_AT_ONCE);
        let mut sent = 0;
        loop {
            let some: u64 = self.run(&call, &keys.stream).await?;
            sent += some;
            if some < REDRIVEN_AT_ONCE {
                return Ok(sent);
            }
        }
    }

    async fn probe(&self) -> Result<(), Fault> {
        self.server.probe().await
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

/// The entry and how often it was delivered by then.
fn delivery(receipt: &str) -> Option<(&str, u32)> {
    let (number, deliveries) = receipt.split_once('.')?;
    Some((number, deliveries.parse().ok()?))
}

/// `fields` are names and values by turns, in the order in which the scripts write them.
fn received(receipt: String, receives: u32, fields: &[String]) -> Received {
    let value = |nth: usize| fields.get(2 * nth + 1).cloned().unwrap_or_default();
    let traceparent = Some(value(2)).filter(|trace| !trace.is_empty());
    let message = Message { id: value(0), body: value(1), traceparent, delay: Duration::ZERO };
    let sent_at = Timestamp::from_millis(value(3).parse().unwrap_or(0));
    Received { message, receipt, receives, sent_at }
}

fn ring(bells: &Bells, info: &PushInfo) {
    if info.kind != PushKind::Message {
        return;
    }
    if let Some(queue) = info.data.get(1).and_then(|queue| String::from_redis_value_ref(queue).ok()) {
        bells.ring(&queue);
    }
}

/// The server may belong to somebody who has good reasons; so it is said, not refused.
async fn warn_if_forgetful(server: &Server) {
    let mut connection = server.connection();
    let mut command = redis::cmd("INFO");
    command.arg("persistence").arg("memory");
    let Ok(info) = server.answer::<String>(command.query_async(&mut connection)).await else { return };
    let says = |line: &str| info.lines().any(|said| said.trim() == line);
    if says("aof_enabled:0") {
        tracing::warn!("this Redis server keeps no append-only file: messages are lost when it ends");
    }
    if info.contains("maxmemory_policy:") && !says("maxmemory_policy:noeviction") {
        tracing::warn!("this Redis server drops keys when it is full, and with them messages: set noeviction");
    }
}
