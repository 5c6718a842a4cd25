//! Who we are to AWS: the keys of the environment, or else what the SDK's default chain finds, when it is first asked.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::OnceCell;

use super::AwsSettings;

pub(super) fn provider(settings: &AwsSettings) -> SharedCredentialsProvider {
    match &settings.keys {
        Some(keys) => {
            let token = keys.session_token.as_ref().map(|token| token.reveal().to_owned());
            let credentials = Credentials::new(&keys.id, keys.secret.reveal(), token, None, "environment");
            SharedCredentialsProvider::new(credentials)
        }
        None => {
            SharedCredentialsProvider::new(DefaultChain { region: settings.region.clone(), chain: OnceCell::new() })
        }
    }
}

#[derive(Debug)]
struct DefaultChain {
    region: String,
    chain: OnceCell<DefaultCredentialsChain>,
}

impl ProvideCredentials for DefaultChain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let build = || DefaultCredentialsChain::builder().region(Region::new(self.region.clone())).build();
        future::ProvideCredentials::new(async move { self.chain.get_or_init(build).await.provide_credentials().await })
    }
}
