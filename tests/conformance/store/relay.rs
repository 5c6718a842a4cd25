//! Stands between a store and its server, and counts what passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bharatmart_adapters::dynamodb::DynamoStore;
use bharatmart_adapters::postgres::PostgresStore;
use bharatmart_core::ports::Store;
use bharatmart_tests::servers::aws_at;
use bharatmart_tests::stores::Place;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub async fn behind_a_relay(place: &Place) -> (Relay, Arc<dyn Store>) {
    match place {
        Place::Postgres { url } => {
            let server = address(url);
            let relay = Relay::before(server.clone()).await;
            let url = url.replace(&server, &relay.address);
            let store = PostgresStore::connect(&url, 1).await.expect("the server takes us in");
            (relay, Arc::new(store))
        }
        Place::Dynamo { config, table } => {
            let relay = Relay::before(address(config.endpoint_url().expect("the emulator's"))).await;
            let store = DynamoStore::new(&aws_at(format!("http://{}", relay.address)), table.as_str());
            (relay, Arc::new(store))
        }
        Place::Memory | Place::Sqlite { .. } => unreachable!("has no wire"),
    }
}

/// `host:port` of a URL.
fn address(url: &str) -> String {
    let url: http::Uri = url.parse().expect("a URL");
    format!("{}:{}", url.host().expect("a host"), url.port_u16().expect("a port"))
}

/// Hands on what the store says once it has fallen silent: everything that it says without waiting for an answer is one
/// round trip, in however many packets it comes.
pub struct Relay {
    address: String,
    trips: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    pub whims: Arc<Whims>,
    _open: JoinSet<()>,
}

/// What it does to those it stands between.
#[derive(Default)]
pub struct Whims {
    /// No transaction begins.
    pub garbles: AtomicBool,
    /// What is said arrives, and the line is cut before the answer.
    pub cuts: AtomicBool,
}

pub struct Counted {
    pub trips: usize,
    pub answered: usize,
}

const BEGIN: &[u8] = b"BEGIN";

/// Longer than a busy machine needs to send the next packet.
const SILENCE: Duration = Duration::from_millis(200);

impl Relay {
    async fn before(server: String) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let (trips, answered) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let counts = (trips.clone(), answered.clone());
        let whims = Arc::<Whims>::default();
        let of_each = whims.clone();
        let mut open = JoinSet::new();
        open.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((store, _)) = listener.accept().await {
                let (server, (trips, answered), whims) = (server.clone(), counts.clone(), of_each.clone());
                talks.spawn(async move { talk(store, &server, &trips, &answered, &whims).await });
            }
        });
        Relay { address, trips, answered, whims, _open: open }
    }

    pub fn counted(&self) -> Counted {
        Counted { trips: self.trips.load(Ordering::SeqCst), answered: self.answered.load(Ordering::SeqCst) }
    }
}

async fn talk(
    mut store: TcpStream,
    server: &str,
    trips: &AtomicUsize,
    answered: &AtomicUsize,
    whims: &Whims,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    let (mut said, mut answer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        tokio::select! {
            more = timeout(SILENCE, store.read_buf(&mut said)) => match more {
                Ok(length) => if length? == 0 { return Ok(()) },
                Err(_silent) if said.is_empty() => {}
                Err(_silent) => {
                    trips.fetch_add(1, Ordering::SeqCst);
                    let begins = said.windows(BEGIN.len()).position(|bytes| bytes == BEGIN);
                    if let Some(at) = begins.filter(|_| whims.garbles.load(Ordering::SeqCst)) {
                        said[at..at + BEGIN.len()].fill(b'?');
                    }
                    server.write_all(&said).await?;
                    said.clear();
                    if whims.cuts.load(Ordering::SeqCst) {
                        return server.read(&mut answer).await.map(drop);
                    }
                }
            },
            length = server.read(&mut answer) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                answered.fetch_add(length, Ordering::SeqCst);
                store.write_all(&answer[..length]).await?;
            }
        }
    }
}
