//! One pool of connections for all clients. TLS and the system's certificates are set up at the first https request,
//! so that a function does not pay for them before it needs them, and never against a plain http endpoint.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;

/// Within a region a connection takes milliseconds; one that takes a second is lost.
pub(super) const CONNECT: Duration = Duration::from_secs(1);

pub(super) fn shared_client() -> SharedHttpClient {
    LazyClient { connector: SharedHttpConnector::new(BySchemeConnector::default()) }.into_shared()
}

#[derive(Debug)]
struct LazyClient {
    connector: SharedHttpConnector,
}

impl HttpClient for LazyClient {
    /// All clients have the same settings, `CONNECT` among them, so there is one connector.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.connector.clone()
    }
}

#[derive(Debug, Default)]
struct BySchemeConnector {
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl HttpConnector for BySchemeConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = match request.uri().starts_with("https:") {
            true => self.tls.get_or_init(tls),
            false => self.plain.get_or_init(|| builder().build_http()),
        };
        connector.call(request)
    }
}

fn builder() -> ConnectorBuilder {
    Connector::builder().connector_settings(HttpConnectorSettings::builder().connect_timeout(CONNECT).build())
}

fn tls() -> Connector {
    builder().proxy_config(ProxyConfig::from_env()).tls_provider(Provider::rustls(CryptoMode::AwsLc)).build()
}
