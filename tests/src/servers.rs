//! PostgreSQL, Redis and the AWS emulator: one of each serves every test of a process, or of all processes when the
//! environment names it (`with-servers` does that). Started at the first use.

use std::path::Path;

use aws_config::SdkConfig;
use bharatmart_adapters::aws::{AwsKeys, AwsSettings, aws_config};
use bharatmart_core::ports::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use crate::server::{Recipe, Server};
use crate::tools::{folder_with, setting};

pub const POSTGRES_URL: &str = "TEST_POSTGRES_URL";
pub const REDIS_URL: &str = "TEST_REDIS_URL";
pub const AWS_ENDPOINT: &str = "TEST_AWS_ENDPOINT";

/// Of a superuser, on a server without durability: for tests.
pub async fn postgres_url() -> String {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    if let Some(url) = setting(POSTGRES_URL) {
        return url;
    }
    postgres_at(SERVER.get_or_init(|| start_postgres(FORGETFUL)).await.port)
}

/// One of a test's own, to be stopped and started again, and its URL.
pub async fn own_postgres() -> (Server, String) {
    let server = start_postgres(FORGETFUL).await;
    let url = postgres_at(server.port);
    (server, url)
}

/// The same, and what it has answered is on the disk.
pub async fn own_durable_postgres() -> (Server, String) {
    let server = start_postgres("").await;
    let url = postgres_at(server.port);
    (server, url)
}

const FORGETFUL: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off";

async fn start_postgres(options: &str) -> Server {
    let recipe = Recipe {
        name: "postgres",
        bin: folder_with(&["initdb", "postgres"], "apt-get install -y postgresql"),
        user: Some("postgres"),
        prepare: r#""$BIN/initdb" -D data -U postgres --auth trust --no-sync --no-instructions --locale C -E UTF8 && \
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
            -keyout data/server.key -out data/server.crt && chmod 600 data/server.key"#,
        serve: r#""$BIN/postgres" -D data -p "$PORT" -k "$FOLDER" -c listen_addresses=127.0.0.1 -c ssl=on \
            -c max_connections=300 $OPTIONS"#,
        options: options.to_owned(),
        signal: "INT",
    };
    let answers =
        |port| async move { tokio_postgres::connect(&postgres_at(port), tokio_postgres::NoTls).await.is_ok() };
    Server::start(recipe, answers).await
}

/// A new database, empty; answers its URL.
pub async fn postgres_database() -> String {
    database_at(&postgres_url().await).await
}

/// The same on a server that keeps what it has answered, as in earnest.
pub async fn durable_postgres_database() -> String {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    let server = SERVER.get_or_init(|| start_postgres("")).await;
    database_at(&postgres_at(server.port)).await
}

async fn database_at(url: &str) -> String {
    let name = unique_name();
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let serving = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a superuser makes databases");
    drop(client);
    serving.await.expect("no panic").expect("the connection ends well");
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{name}")
}

fn postgres_at(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// With an append-only file, as the shop runs it. Tests share the server: each uses a key prefix of its own.
pub async fn redis_url() -> String {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    if let Some(url) = setting(REDIS_URL) {
        return url;
    }
    redis_at(SERVER.get_or_init(|| start_redis("")).await.port)
}

/// The same on a server that keeps what it has answered, as in earnest.
pub async fn durable_redis_url() -> String {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    redis_at(SERVER.get_or_init(|| start_redis("--appendfsync always")).await.port)
}

/// One of a test's own, to be stopped and started again, and its URL.
pub async fn own_redis() -> (Server, String) {
    let server = start_redis("").await;
    let url = redis_at(server.port);
    (server, url)
}

/// The same, and what it has answered is on the disk.
pub async fn own_durable_redis() -> (Server, String) {
    let server = start_redis("--appendfsync always").await;
    let url = redis_at(server.port);
    (server, url)
}

async fn start_redis(options: &str) -> Server {
    let recipe = Recipe {
        name: "redis",
        bin: folder_with(&["redis-server"], "apt-get install -y redis-server"),
        user: None,
        prepare: ":",
        serve: r#""$BIN/redis-server" --port "$PORT" --bind 127.0.0.1 --appendonly yes --save '' --dir "$FOLDER" $OPTIONS"#,
        options: options.to_owned(),
        signal: "TERM",
    };
    Server::start(recipe, |port| says(port, "PING\r\n", "+PONG")).await
}

/// The shop as a process of a test's own, to be killed and started again, and its URL. `program` is the local cloud; no
/// blank may be in a setting.
pub async fn own_shop(program: &Path, settings: &[(&str, &str)]) -> (Server, String) {
    let recipe = Recipe {
        name: "shop",
        bin: program.to_owned(),
        user: None,
        prepare: ":",
        serve: r#"env -i LISTEN="127.0.0.1:$PORT" SEARCH_DIR="$FOLDER/search" $OPTIONS "$BIN""#,
        options: settings.iter().map(|(name, value)| format!("{name}={value} ")).collect(),
        signal: "TERM",
    };
    let server = Server::start(recipe, |port| says(port, "GET /health/live HTTP/1.0\r\n\r\n", "200")).await;
    let url = format!("http://127.0.0.1:{}", server.port);
    (server, url)
}

fn redis_at(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

/// Where the AWS emulator listens. Tests share it: each uses tables, queues, secrets and buckets of its own names.
pub async fn aws_endpoint() -> String {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    if let Some(url) = setting(AWS_ENDPOINT) {
        return url;
    }
    let server = SERVER.get_or_init(|| async {
        let recipe = Recipe {
            name: "aws",
            bin: folder_with(
                &["ministack"],
                "pip install ministack (into .tools/venv, or name its bin by BHARATMART_TOOLS)",
            ),
            user: None,
            prepare: r#"export BHARATMART_TOOLS="$BIN""#,
            serve: concat!(env!("CARGO_MANIFEST_DIR"), r#"/../infra/emulator/serve.sh "$PORT" "$FOLDER""#),
            options: String::new(),
            signal: "TERM",
        };
        Server::start(recipe, |port| says(port, "GET /_ministack/health HTTP/1.0\r\n\r\n", "200")).await
    });
    format!("http://127.0.0.1:{}", server.await.port)
}

/// What the AWS clients need to talk to the emulator.
pub async fn aws() -> SdkConfig {
    aws_at(aws_endpoint().await)
}

/// The same for another endpoint: a stub, say.
pub fn aws_at(endpoint: String) -> SdkConfig {
    let keys = AwsKeys { id: "test".to_owned(), secret: Secret::new("test"), session_token: None };
    let (region, endpoint) = ("ap-south-1".to_owned(), Some(endpoint));
    aws_config(AwsSettings { region, endpoint, keys: Some(keys) })
}

async fn says(port: u16, ask: &str, answer: &str) -> bool {
    let said = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(ask.as_bytes()).await?;
        let mut said = [0; 64];
        let length = stream.read(&mut said).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&said[..length]).contains(answer))
    };
    said.await.unwrap_or(false)
}

/// A name no other test uses, in this process or another: for databases, tables, queues and prefixes.
pub fn unique_name() -> String {
    format!("test_{:016x}", rand::random::<u64>())
}
