//! Fetches an issuer's keys: over TLS, checked by the system's certificates, or in the clear where the settings allow it.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::dependency::Dependency;
use bharatmart_core::ports::Fault;
use http::{Request, StatusCode, Uri, header};
use hyper::body::Bytes;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::http1::{Aimed, Connection, Failed};

pub(super) const PORT: &str = "issuer";
const LIMIT: Duration = Duration::from_secs(2);
/// A key is a few hundred bytes.
const LARGEST: usize = 256 * 1024;

pub(super) async fn fetch(dependency: &Dependency, url: &str) -> Result<Bytes, Fault> {
    let limit = LIMIT.min(budget::remaining());
    let answer = dependency.ask(limit, get(url), Result::is_err).await?;
    answer.map_err(|error| Fault::away(PORT, format_args!("{url}: {error}")))
}

async fn get(url: &str) -> Result<Bytes, Failed> {
    let url: Uri = url.parse()?;
    let secure = url.scheme_str() == Some("https");
    let request = Request::get(url).header(header::ACCEPT, "application/json").body(Bytes::new())?;
    let request = Aimed::new(request, if secure { 443 } else { 80 })?;
    let stream = request.connect().await?;
    let connection: Box<dyn Connection> = if secure {
        let name = ServerName::try_from(request.host.clone())?;
        Box::new(TlsConnector::from(Arc::new(tls()?)).connect(name, stream).await?)
    } else {
        Box::new(stream)
    };
    let answer = request.send(connection, LARGEST).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        status => Err(format!("it answered {status}").into()),
    }
}

/// Made for each fetch: there is one in an hour.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(authorities).with_no_client_auth())
}
