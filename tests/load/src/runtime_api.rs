//! Lambda's Runtime API on the loopback: hands a function its events and takes its answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

pub struct RuntimeApi {
    pub address: SocketAddr,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<Bytes>,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    answers: mpsc::UnboundedSender<Bytes>,
}

impl RuntimeApi {
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (given, answers) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { events: Mutex::new(waiting), answers: given });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _unsupported = stream.set_nodelay(true);
                let shared = shared.clone();
                let service = service_fn(move |request| answer(shared.clone(), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Ok(RuntimeApi { address, events, answers })
    }

    /// Gives the function an event and waits for its answer.
    pub async fn invoke(&mut self, event: &str) -> Option<Bytes> {
        self.events.send(event.to_owned()).ok()?;
        tokio::time::timeout(Duration::from_secs(20), self.answers.recv()).await.ok().flatten()
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path().ends_with("/invocation/next") {
        let Some(event) = shared.events.lock().await.recv().await else { return Ok(Response::default()) };
        #[allow(clippy::disallowed_methods, reason = "a deadline of the Runtime API is a time of the real clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = (now + Duration::from_secs(10)).as_millis().to_string();
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            .header("lambda-runtime-deadline-ms", deadline)
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-south-1:000000000000:function:bench")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(event)));
        return Ok(response.unwrap_or_default());
    }
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let _nobody_waits = shared.answers.send(body);
    let mut response = Response::default();
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}
