//! One AWS configuration, built once and shared by all clients: region, credentials, HTTP. It is put together by hand,
//! since the SDK's loader reads profile files and probes the instance's metadata before the first request of a function.
//! What a failed call means is read here too; what to do about it is each adapter's.

mod call;
mod credentials;
mod http;

pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use bharatmart_core::ports::Secret;

#[cfg(feature = "s3")]
pub(crate) use call::once;
pub(crate) use call::{Failed, call};
#[cfg(feature = "dynamodb")]
pub(crate) use call::{Hindrance, call_clashing};

/// What the environment says of AWS; read by whoever reads settings.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: set when it is not AWS itself that answers.
    pub endpoint: Option<String>,
    /// `None` on a machine that has no keys in its environment, but a profile, a role or a web identity.
    pub keys: Option<AwsKeys>,
}

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. Lambda puts those of its role there.
#[derive(Clone, Debug)]
pub struct AwsKeys {
    pub id: String,
    pub secret: Secret,
    pub session_token: Option<Secret>,
}

/// Nothing is read and nobody is called before the first request.
/// The SDK retries nothing: `call` does, and knows how much time the caller has left.
pub fn aws_config(settings: AwsSettings) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(credentials::provider(&settings))
        .region(Region::new(settings.region))
        .http_client(http::shared_client())
        .timeout_config(TimeoutConfig::builder().connect_timeout(http::CONNECT).build())
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(settings.endpoint);
    config.build()
}
