//! One exchange over HTTP/1, a connection each: for the few neighbours that are no port. The libraries' clients bring
//! HTTP/2, a pool and their code into each function.

use std::error::Error;
use std::io;
use std::sync::Arc;

use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

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

/// Over TLS, checked by the system's certificates, where the address begins so; else in the clear.
pub(crate) async fn exchange(request: Request<Bytes>, largest: usize) -> Result<Response<Bytes>, Failed> {
    let secure = request.uri().scheme_str() == Some("https");
    let request = Aimed::new(request, if secure { 443 } else { 80 })?;
    let stream = request.connect().await?;
    let connection: Box<dyn Connection> = if secure {
        let name = ServerName::try_from(request.host.clone())?;
        Box::new(TlsConnector::from(Arc::new(tls()?)).connect(name, stream).await?)
    } else {
        Box::new(stream)
    };
    request.send(connection, largest).await
}

/// Made for each exchange: they are few.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(authorities).with_no_client_auth())
}
