//! One connection to a Redis server, shared by all callers, which mends itself; and what its errors mean to the shop.
//! No command of its own.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::ports::Fault;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::{
    Client, ErrorKind, IntoConnectionInfo, ProtocolVersion, PushInfo, RedisError, RedisResult, ServerErrorKind,
};

use crate::budget;
use crate::dependency::Dependency;

const CONNECT: Duration = Duration::from_secs(1);
/// A server that vanished without a word is given up after this, and looked for anew.
#[cfg(target_os = "linux")]
const SILENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Server {
    dependency: Arc<Dependency>,
    patience: Duration,
    manager: ConnectionManager,
}

impl Server {
    /// Connects at the first command. `heard` is called with what the server says unasked; what was subscribed to is
    /// subscribed to again on a new connection.
    pub(super) fn new(
        name: &'static str,
        port: &'static str,
        url: &str,
        patience: Duration,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Self, Fault> {
        let hear = move |info| -> Result<(), std::convert::Infallible> {
            heard(info);
            Ok(())
        };
        // Few attempts a command: while the server is away callers are told so at once, and each starts a new attempt.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(200))
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(None)
            .set_push_sender(hear)
            .set_automatic_resubscription();
        let manager = client(url).and_then(|client| ConnectionManager::new_lazy_with_config(client, config));
        let manager = manager.map_err(|error| Fault::broken(port, error))?;
        Ok(Server { dependency: Arc::new(Dependency::new(name, port)), patience, manager })
    }

    pub(super) fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }

    pub(super) fn connection(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// The answer, or a fault when it does not come while the caller can use it.
    pub(super) async fn answer<T>(&self, asked: impl Future<Output = RedisResult<T>>) -> Result<T, Fault> {
        self.answer_or_error(asked).await?.map_err(|error| self.fault(&error))
    }

    /// As `answer`, for a caller who can mend some errors.
    pub(super) async fn answer_or_error<T>(
        &self,
        asked: impl Future<Output = RedisResult<T>>,
    ) -> Result<RedisResult<T>, Fault> {
        let patience = self.patience.min(budget::remaining());
        let away = |answer: &RedisResult<T>| answer.as_ref().is_err_and(is_away);
        self.dependency.ask(patience, asked, away).await.map_err(Fault::from)
    }

    pub(super) async fn probe(&self) -> Result<(), Fault> {
        self.answer(redis::cmd("PING").query_async(&mut self.connection())).await
    }

    pub(super) fn fault(&self, error: &RedisError) -> Fault {
        let port = self.dependency.port();
        if is_away(error) { Fault::away(port, error) } else { Fault::broken(port, error) }
    }
}

/// Not reached, or not able to serve anybody.
fn is_away(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::TryAgain,
        ) => true,
        // Full, writing its file, or a disk that fails: the code is all that tells them.
        ErrorKind::Extension => matches!(error.code(), Some("OOM" | "MISCONF" | "NOREPLICAS" | "BUSY")),
        _ => false,
    }
}

fn client(url: &str) -> RedisResult<Client> {
    // What `rediss://` encrypts with; an error says that it is chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let tcp = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(SILENCE);
    let info = url.into_connection_info()?.set_tcp_settings(tcp);
    // The third protocol tells of a lost connection, and of what is published, unasked.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}
