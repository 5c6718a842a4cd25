//! One exchange over HTTP/1, a connection each: for the few neighbours that are no port. The libraries' clients bring
//! HTTP/2, a pool and their code into each function.

use std::error::Error;
use std::io;

use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// A connection in the clear or not: behind one type, so that HTTP is linked once.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A request as it goes over the wire, and where to.
pub(crate) struct Aimed {
    pub host: String,
    pub port: u16,
    request: Request<Full<Bytes>>,
}

impl Aimed {
    pub fn new(request: Request<Bytes>, usual_port: u16) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let uri = std::mem::take(&mut parts.uri).into_parts();
        let (Some(authority), Some(path)) = (uri.authority, uri.path_and_query) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the address has no host or no path").into());
        };
        parts.headers.insert(header::HOST, HeaderValue::from_str(authority.as_str())?);
        parts.uri = path.into();
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(usual_port);
        Ok(Aimed { host, port, request: Request::from_parts(parts, Full::new(body)) })
    }

    pub async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect((self.host.as_str(), self.port)).await
    }

    /// An answer that is larger is an error.
    pub async fn send(self, connection: Box<dyn Connection>, largest: usize) -> Result<Response<Bytes>, Failed> {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(connection)).await?;
        let exchange = async {
            let (head, body) = sender.send_request(self.request).await?.into_parts();
            let body = Limited::new(body, largest).collect().await?.to_bytes();
            Ok::<_, Failed>(Response::from_parts(head, body))
        };
        tokio::pin!(exchange, connection);
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            ended = &mut connection => {
                ended?;
                exchange.await
            }
        }
    }
}
