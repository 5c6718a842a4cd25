//! A server that lives as long as the process that asked for it, and not a moment longer: it is kept by a small shell
//! that reads from a pipe of ours. However this process ends, killed outright included, the system closes the pipe;
//! the shell then ends the server and removes its folder.

use std::future::Future;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use rand::Rng;
use tokio::net::TcpStream;

use crate::live;

/// How to run one kind of server. The commands see `PORT` and `BIN`, and run in a new folder of their own.
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    pub(crate) bin: PathBuf,
    /// An ordinary user to become when run by root, for a program that refuses root.
    pub(crate) user: Option<&'static str>,
    pub(crate) prepare: &'static str,
    pub(crate) serve: &'static str,
    /// Words for `serve` to name as `$OPTIONS`; no blank is in any of them.
    pub(crate) options: String,
    /// Ends the server at once, its clients notwithstanding.
    pub(crate) signal: &'static str,
}

pub struct Server {
    pub(crate) port: u16,
    folder: PathBuf,
    ready: Ready,
    /// Closed by the system at our end; see above.
    lifeline: ChildStdin,
}

type Ready = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

const PATIENCE: Duration = Duration::from_secs(60);

const KEEPER: &str = r#"
if [ -n "$AS_USER" ] && [ "$(id -u)" = 0 ]; then
    name=$AS_USER; AS_USER=; exec runuser -u "$name" -- sh -c "$KEEPER"
fi
mkdir "$FOLDER" && cd "$FOLDER" || exit 1
TMPDIR=$FOLDER; export TMPDIR
serve() {
    (eval "exec $SERVE") </dev/null >>log 2>&1 &
    server=$!
}
end() {
    kill -s "$SIGNAL" $server
    wait $server
}
# Who is dead and not buried yet holds nothing any more.
gone() {
    case $(ps -o stat= -p "$1") in
    '' | Z*) ;;
    *) false ;;
    esac
}
# No child is born while all are killed.
crash() {
    kill -s STOP $server
    children=$(pgrep -P $server)
    kill -s KILL $server $children
    wait $server
    for child in $children; do
        until gone $child; do sleep 0.01; done
    done
}
{ eval "$PREPARE"; } </dev/null >log 2>&1 && serve
while read -r said; do
    case $said in
    stop) end ;;
    crash) crash ;;
    start) gone $server && serve ;;
    esac
done
end
cd / && rm -rf "$FOLDER"
"#;

impl Server {
    /// Panics, with what the server said, when it is not ready in time.
    pub(crate) async fn start<F>(recipe: Recipe, ready: impl Fn(u16) -> F + Send + Sync + 'static) -> Server
    where
        F: Future<Output = bool> + Send + 'static,
    {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let port = free_port();
        let nth = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("bharatmart-{}-{}-{nth}-{port}", recipe.name, std::process::id());
        let folder = std::env::temp_dir().join(name);
        let lifeline = keep(&recipe, port, &folder);
        let ready: Ready = Box::new(move || Box::pin(ready(port)));
        if !live::within(PATIENCE, &ready).await {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_else(|error| error.to_string());
            panic!("{} did not start: {log}", recipe.name);
        }
        Server { port, folder, ready, lifeline }
    }

    /// Ends it; what it keeps stays.
    pub async fn stop(&mut self) {
        self.ends_when_told("stop").await;
    }

    /// As when the power fails: no process of it does anything more. What it wrote stays.
    pub async fn crash(&mut self) {
        self.ends_when_told("crash").await;
    }

    async fn ends_when_told(&mut self, word: &str) {
        self.say(word);
        let gone = live::within(PATIENCE, || async { !self.listens().await }).await;
        assert!(gone, "the server on port {} did not end", self.port);
    }

    /// Answers when it serves. One that ends at once, because it needs another that is away, is started until it stays.
    pub async fn start_again(&mut self) {
        let begun = Instant::now();
        loop {
            self.say("start");
            if live::within(Duration::from_millis(500), &self.ready).await {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the server on port {} did not start again: {}",
                self.port,
                self.said()
            );
        }
    }

    /// What it wrote to its output, from its first start on.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_else(|error| error.to_string())
    }

    async fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).await.is_ok()
    }

    fn say(&mut self, word: &str) {
        writeln!(self.lifeline, "{word}").unwrap_or_else(|error| panic!("the keeper has gone: {error}"));
    }
}

fn keep(recipe: &Recipe, port: u16, folder: &Path) -> ChildStdin {
    #[allow(clippy::zombie_processes, reason = "it ends after us, when the system closes the pipe")]
    let mut shell = Command::new("sh")
        .args(["-c", KEEPER])
        .env("KEEPER", KEEPER)
        .env("AS_USER", recipe.user.unwrap_or_default())
        .env("FOLDER", folder)
        .env("PREPARE", recipe.prepare)
        .env("SERVE", recipe.serve)
        .env("OPTIONS", &recipe.options)
        .env("SIGNAL", recipe.signal)
        .env("BIN", &recipe.bin)
        .env("PORT", port.to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Out of the terminal's group, so that Ctrl-C reaches us first and the shell can tidy.
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("sh could not be run for {}: {error}", recipe.name));
    shell.stdin.take().unwrap_or_else(|| unreachable!("stdin is piped"))
}

/// Below the range from which systems take the ports of outgoing connections: nobody gets it by chance meanwhile.
pub fn free_port() -> u16 {
    let mut rng = rand::rng();
    loop {
        let port = rng.random_range(12_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
