//! A Redis server of a test's own, to be killed and started again on the same port and files.

use bharatmart_tests::{eventually, free_port};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

pub struct RedisServer {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl RedisServer {
    pub async fn start() -> Self {
        let port = free_port();
        let folder = TempDir::new().expect("a folder");
        let process = run(port, &folder);
        let server = RedisServer { port, folder, process };
        server.ready().await;
        server
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// As by a power cut of the process: no farewell, no last save.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("the server was running");
    }

    pub async fn start_again(&mut self) {
        self.process = run(self.port, &self.folder);
        self.ready().await;
    }

    /// What it answers to one command; nothing when it is away.
    pub async fn ask(&self, command: &str) -> String {
        let asked = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            stream.write_all(format!("{command}\r\n").as_bytes()).await?;
            let mut answer = [0; 256];
            let length = stream.read(&mut answer).await?;
            std::io::Result::Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
        };
        asked.await.unwrap_or_default()
    }

    async fn ready(&self) {
        eventually("the Redis server is ready", || async { self.ask("PING").await.contains("PONG") }).await;
    }
}

fn run(port: u16, folder: &TempDir) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder.path())
        // Once a second is too seldom: what it answers while it writes to the disk dies with it.
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is installed (apt-get install -y redis-server)")
}
